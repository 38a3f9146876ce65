import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.Set;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXParseException;

/** Holds each line of its input, a document in base64, against the schema of the file that it is given. */
public final class PublishedSchema {
    private PublishedSchema() {}

    public static void main(String[] given) throws Exception {
        Schema schema = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI).newSchema(new File(given[0]));
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in));
        for (String order; (order = orders.readLine()) != null; ) {
            Set<String> complaints = complaints(schema.newValidator(), Base64.getDecoder().decode(order));
            System.out.println(complaints.isEmpty() ? "valid" : String.join(" | ", complaints).replace('\n', ' '));
            System.out.flush();
        }
    }

    private static Set<String> complaints(Validator validator, byte[] document) throws Exception {
        Set<String> found = new LinkedHashSet<>();
        validator.setErrorHandler(new ErrorHandler() {
            @Override
            public void warning(SAXParseException noticed) {
                found.add(noticed.getMessage());
            }

            @Override
            public void error(SAXParseException noticed) {
                found.add(noticed.getMessage());
            }

            @Override
            public void fatalError(SAXParseException noticed) throws SAXParseException {
                found.add(noticed.getMessage());
                throw noticed;
            }
        });
        try {
            validator.validate(new StreamSource(new ByteArrayInputStream(document)));
        } catch (SAXParseException told) {
            // Among the complaints already.
        }
        return found;
    }
}
