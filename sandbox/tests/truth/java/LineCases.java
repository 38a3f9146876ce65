import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.CustomField;
import com.intuit.ipp.data.CustomFieldDefinition;
import com.intuit.ipp.data.CustomFieldTypeEnum;
import com.intuit.ipp.data.GlobalTaxCalculationEnum;
import com.intuit.ipp.data.GroupLineDetail;
import com.intuit.ipp.data.Invoice;
import com.intuit.ipp.data.Item;
import com.intuit.ipp.data.ItemTypeEnum;
import com.intuit.ipp.data.Line;
import com.intuit.ipp.data.LineDetailTypeEnum;
import com.intuit.ipp.data.PhysicalAddress;
import com.intuit.ipp.data.Preferences;
import com.intuit.ipp.data.SalesItemLineDetail;
import com.intuit.ipp.data.StringTypeCustomFieldDefinition;
import com.intuit.ipp.data.TaxCode;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines of other kinds, tax, currencies and custom fields. */
final class LineCases {
    private static final String DESK = "/people/bookkeeper/" + Door.REALM;

    private LineCases() {}

    static void aBundleIsSoldPartByPart(Books books) throws Exception {
        List<Item> parts = books.found("select * from Item where Type = 'Service' maxresults 1");
        String held = "{\"Name\": \"Java bundle\", \"ItemGroupDetail\": {\"ItemGroupLine\": [{\"ItemRef\": {\"value\": \""
            + parts.get(0).getId() + "\"}, \"Qty\": 2}]}}";
        Matcher made = Pattern.compile("\"Id\" ?: ?\"(\\d+)\"").matcher(Door.ask("POST", DESK + "/item/bundle", held));
        Check.that(made.find(), "no bundle");
        Item bundle = new Item();
        bundle.setId(made.group(1));
        Item read = books.service.findById(bundle);
        Check.equal(ItemTypeEnum.GROUP, read.getType());
        Check.amount("2", read.getItemGroupDetail().getItemGroupLine().get(0).getQty());
        GroupLineDetail detail = new GroupLineDetail();
        detail.setGroupItemRef(Books.reference(bundle.getId()));
        detail.setQuantity(new BigDecimal(3));
        Line line = new Line();
        line.setDetailType(LineDetailTypeEnum.GROUP_LINE_DETAIL);
        line.setGroupLineDetail(detail);
        Invoice wanted = books.filled(new Invoice(), books.customer("Bundled"), "1");
        wanted.setLine(List.of(line));
        Line sold = books.service.add(wanted).getLine().get(0);
        Check.equal(LineDetailTypeEnum.GROUP_LINE_DETAIL, sold.getDetailType());
        Check.amount("6", sold.getGroupLineDetail().getLine().get(0).getSalesItemLineDetail().getQty());
    }

    static void shippingIsALineOfItsOwn(Books books) throws Exception {
        Door.ask("PATCH", DESK + "/preferences", "{\"AllowShipping\": true}");
        SalesItemLineDetail detail = new SalesItemLineDetail();
        detail.setItemRef(Books.reference("SHIPPING_ITEM_ID"));
        Line shipping = new Line();
        shipping.setAmount(new BigDecimal("7.95"));
        shipping.setDetailType(LineDetailTypeEnum.SALES_ITEM_LINE_DETAIL);
        shipping.setSalesItemLineDetail(detail);
        Invoice wanted = books.filled(new Invoice(), books.customer("Shipped"), "10");
        wanted.getLine().add(shipping);
        Check.amount("17.95", books.service.add(wanted).getTotalAmt());
    }

    static void americanTaxFollowsTheAddress(Books books) throws Exception {
        Invoice wanted = books.filled(new Invoice(), books.customer("Taxed"), "100");
        wanted.getLine().get(0).getSalesItemLineDetail().setTaxCodeRef(Books.reference("TAX"));
        PhysicalAddress address = new PhysicalAddress();
        address.setLine1("1 Main St");
        address.setCity("Oakland");
        address.setCountrySubDivisionCode("CA");
        address.setPostalCode("94612");
        wanted.setShipAddr(address);
        Invoice made = books.service.add(wanted);
        Check.that(made.getTxnTaxDetail().getTotalTax().signum() > 0, "no tax");
        Line rate = made.getTxnTaxDetail().getTaxLine().get(0);
        Check.equal(LineDetailTypeEnum.TAX_LINE_DETAIL, rate.getDetailType());
        Check.amount("100", rate.getTaxLineDetail().getNetAmountTaxable());
        Check.amount("0", made.getTotalAmt().subtract(made.getTxnTaxDetail().getTotalTax()).subtract(new BigDecimal(100)));
    }

    static void britishAmountsWithAndWithoutTax(Books books) throws Exception {
        Books pounds = Books.inPounds();
        List<TaxCode> codes = pounds.found("select * from TaxCode where Name = '20.0% S'");
        Customer customer = pounds.customer("VAT payer");
        for (GlobalTaxCalculationEnum mode : List.of(GlobalTaxCalculationEnum.TAX_EXCLUDED, GlobalTaxCalculationEnum.TAX_INCLUSIVE)) {
            boolean within = mode == GlobalTaxCalculationEnum.TAX_INCLUSIVE;
            Invoice wanted = pounds.filled(new Invoice(), customer, "100");
            wanted.setGlobalTaxCalculation(mode);
            SalesItemLineDetail detail = wanted.getLine().get(0).getSalesItemLineDetail();
            detail.setTaxCodeRef(Books.reference(codes.get(0).getId()));
            if (within) {
                detail.setTaxInclusiveAmt(new BigDecimal(120));
            }
            Invoice made = pounds.service.add(wanted);
            Check.equal(mode, made.getGlobalTaxCalculation());
            Check.amount("20", made.getTxnTaxDetail().getTotalTax());
            Check.amount("120", made.getTotalAmt());
        }
    }

    static void aCustomerInEuros(Books books) throws Exception {
        Books pounds = Books.inPounds();
        List<TaxCode> codes = pounds.found("select * from TaxCode where Name = '20.0% S'");
        Customer wanted = new Customer();
        wanted.setDisplayName("Müller Java");
        wanted.setCurrencyRef(Books.reference("EUR"));
        Customer customer = pounds.service.add(wanted);
        Check.equal("EUR", customer.getCurrencyRef().getValue());
        Invoice form = pounds.filled(new Invoice(), customer, "100");
        form.setCurrencyRef(Books.reference("EUR"));
        form.setExchangeRate(new BigDecimal("0.85"));
        form.getLine().get(0).getSalesItemLineDetail().setTaxCodeRef(Books.reference(codes.get(0).getId()));
        Invoice made = pounds.service.add(form);
        Check.amount("0.85", made.getExchangeRate());
        Check.amount("120", made.getTotalAmt());
        Check.amount("102", made.getHomeTotalAmt());
    }

    static void customFieldsAreDefinedAndFilled(Books books) throws Exception {
        Door.ask("PATCH", DESK + "/customfields", "{\"1\": \"Crew #\", \"2\": \"Site\"}");
        List<Preferences> all = books.service.findAll(new Preferences());
        List<CustomFieldDefinition> groups = all.get(0).getSalesFormsPrefs().getCustomField();
        Check.equal(2, groups.size());
        CustomFieldDefinition names = groups.get(1);
        Check.equal(StringTypeCustomFieldDefinition.class, names.getClass());
        Check.that(names.getCustomField().stream().anyMatch((each) -> "Crew #".equals(each.getStringValue())), "no name");
        CustomField field = new CustomField();
        field.setDefinitionId("1");
        field.setType(CustomFieldTypeEnum.STRING_TYPE);
        field.setStringValue("Seven");
        Invoice wanted = books.filled(new Invoice(), books.customer("Fielded"), "10");
        wanted.setCustomField(List.of(field));
        List<CustomField> kept = books.service.add(wanted).getCustomField();
        Check.equal(List.of("Crew #", "Site"), kept.stream().map(CustomField::getName).toList());
        Check.equal("Seven", kept.get(0).getStringValue());
        Check.equal(null, kept.get(1).getStringValue());
    }
}
