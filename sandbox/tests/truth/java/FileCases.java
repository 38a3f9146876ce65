import com.intuit.ipp.data.Attachable;
import com.intuit.ipp.data.AttachableRef;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.net.UploadEntry;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Notes and files that hang on invoices. */
final class FileCases {
    private FileCases() {}

    private static Attachable facts(Invoice invoice, String name) {
        AttachableRef link = new AttachableRef();
        link.setEntityRef(Books.reference(invoice.getId()));
        link.getEntityRef().setType("Invoice");
        link.setIncludeOnSend(true);
        Attachable made = new Attachable();
        made.setFileName(name);
        made.setContentType("text/plain");
        made.setAttachableRef(List.of(link));
        return made;
    }

    static void aFileIsUploadedAndFetched(Books books) throws Exception {
        Invoice invoice = books.invoice(books.customer("Filed"), "5");
        byte[] content = "Thirty days\u00e9\n".getBytes(StandardCharsets.UTF_8);
        Attachable made = books.service.upload(facts(invoice, "terms.txt"), new ByteArrayInputStream(content));
        Check.equal("terms.txt", made.getFileName());
        Check.equal((long) content.length, made.getSize());
        Check.equal(invoice.getId(), made.getAttachableRef().get(0).getEntityRef().getValue());
        Check.equal(new String(content, StandardCharsets.UTF_8), new String(books.service.download(made).readAllBytes(), StandardCharsets.UTF_8));
        List<Attachable> hung = books.found(
            "select * from Attachable where AttachableRef.EntityRef.Type = 'Invoice' and AttachableRef.EntityRef.value = '" + invoice.getId() + "'");
        Check.equal(List.of(made.getId()), hung.stream().map(Attachable::getId).toList());
    }

    static void severalFilesAtOnce(Books books) throws Exception {
        Invoice invoice = books.invoice(books.customer("Files"), "5");
        List<Attachable> made = books.service.upload(List.of(
            new UploadEntry(facts(invoice, "a.txt"), new ByteArrayInputStream("a".getBytes(StandardCharsets.UTF_8))),
            new UploadEntry(facts(invoice, "b.txt"), new ByteArrayInputStream("bb".getBytes(StandardCharsets.UTF_8)))));
        Check.equal(List.of("a.txt", "b.txt"), made.stream().map(Attachable::getFileName).toList());
    }

    static void aNoteIsMadeAndChanged(Books books) throws Exception {
        Attachable wanted = new Attachable();
        wanted.setNote("Called");
        Attachable made = books.service.add(wanted);
        made.setNote("Called twice");
        Check.equal("Called twice", books.service.update(made).getNote());
        Check.refused(FMSException.class, "2020", () -> books.service.add(new Attachable()));
        Attachable nobody = new Attachable();
        nobody.setId("99999");
        Check.refused(FMSException.class, "610", () -> books.service.download(nobody));
    }
}
