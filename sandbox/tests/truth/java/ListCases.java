import com.intuit.ipp.data.Account;
import com.intuit.ipp.data.Class;
import com.intuit.ipp.data.CompanyCurrency;
import com.intuit.ipp.data.CompanyInfo;
import com.intuit.ipp.data.Customer;
import com.intuit.ipp.data.Department;
import com.intuit.ipp.data.EmailAddress;
import com.intuit.ipp.data.ExchangeRate;
import com.intuit.ipp.data.Item;
import com.intuit.ipp.data.ItemTypeEnum;
import com.intuit.ipp.data.PaymentMethod;
import com.intuit.ipp.data.PhysicalAddress;
import com.intuit.ipp.data.Preferences;
import com.intuit.ipp.data.SalesFormsPrefs;
import com.intuit.ipp.data.TaxAgency;
import com.intuit.ipp.data.TaxCode;
import com.intuit.ipp.data.TaxRate;
import com.intuit.ipp.data.TaxRateApplicableOnEnum;
import com.intuit.ipp.data.TaxRateDetails;
import com.intuit.ipp.data.TaxService;
import com.intuit.ipp.data.TelephoneNumber;
import com.intuit.ipp.data.Term;
import com.intuit.ipp.data.WebSiteAddress;
import com.intuit.ipp.exception.FMSException;
import com.intuit.ipp.services.GlobalTaxService;
import java.math.BigDecimal;
import java.util.List;

/** Customers, items and the other lists; the company itself. */
final class ListCases {
    private ListCases() {}

    static void aCustomerWithAllThatOneHas(Books books) throws Exception {
        Customer wanted = new Customer();
        wanted.setGivenName("Ada");
        wanted.setFamilyName("O'Java");
        wanted.setCompanyName("Java & Co");
        wanted.setPrimaryEmailAddr(new EmailAddress());
        wanted.getPrimaryEmailAddr().setAddress("ada@judge.example");
        wanted.setPrimaryPhone(new TelephoneNumber());
        wanted.getPrimaryPhone().setFreeFormNumber("+1 555 0100");
        wanted.setWebAddr(new WebSiteAddress());
        wanted.getWebAddr().setURI("https://judge.example");
        wanted.setBillAddr(new PhysicalAddress());
        wanted.getBillAddr().setLine1("1 Main Street");
        wanted.getBillAddr().setCountrySubDivisionCode("CA");
        Customer made = books.service.add(wanted);
        Check.equal("Ada O'Java", made.getDisplayName());
        Check.equal("ada@judge.example", made.getPrimaryEmailAddr().getAddress());
        Check.equal("+1 555 0100", made.getPrimaryPhone().getFreeFormNumber());
        Check.equal("https://judge.example", made.getWebAddr().getURI());
        Check.equal("CA", made.getBillAddr().getCountrySubDivisionCode());
        Check.equal(true, made.isActive());
        Check.refused(FMSException.class, "6240", () -> books.customer("ada o'java"));
    }

    static void aCustomerBelowAnotherAndRetired(Books books) throws Exception {
        Customer parent = books.customer("Holding");
        Customer wanted = new Customer();
        wanted.setDisplayName("Works");
        wanted.setJob(true);
        wanted.setParentRef(Books.reference(parent.getId()));
        Customer made = books.service.add(wanted);
        Check.equal("Holding:Works", made.getFullyQualifiedName());
        Check.equal(1, made.getLevel());
        made.setActive(false);
        Customer retired = books.service.update(made);
        Check.equal(false, retired.isActive());
        Check.equal("Works (deleted)", retired.getDisplayName());
    }

    static void itemsOfAllTypesThatCanBeMade(Books books) throws Exception {
        List<Account> income = books.found("select * from Account where AccountType = 'Income'");
        for (ItemTypeEnum type : List.of(ItemTypeEnum.SERVICE, ItemTypeEnum.NON_INVENTORY)) {
            Item wanted = new Item();
            wanted.setName("Java " + type.value());
            wanted.setType(type);
            wanted.setSku("J-1");
            wanted.setUnitPrice(new BigDecimal("12.3456"));
            wanted.setIncomeAccountRef(Books.reference(income.get(0).getId()));
            Item made = books.service.add(wanted);
            Check.equal(type, made.getType());
            Check.amount("12.3456", made.getUnitPrice());
            made.setDescription("Changed");
            Check.equal("Changed", books.service.update(made).getDescription());
        }
        Item category = new Item();
        category.setName("Java things");
        category.setType(ItemTypeEnum.CATEGORY);
        Check.equal(ItemTypeEnum.CATEGORY, books.service.add(category).getType());
    }

    static void termsAndWaysOfPaying(Books books) throws Exception {
        Term term = new Term();
        term.setName("Net 7");
        term.setDueDays(7);
        Term made = books.service.add(term);
        Check.equal("STANDARD", made.getType());
        Check.equal(7, made.getDueDays());
        PaymentMethod method = new PaymentMethod();
        method.setName("Barter");
        Check.equal("NON_CREDIT_CARD", books.service.add(method).getType());
        List<Term> all = books.service.findAll(new Term());
        Check.that(all.stream().anyMatch((each) -> each.getName().equals("Net 7")), "the term is not listed");
    }

    static void classesAndLocationsWhereTheCompanyTracksThem(Books books) throws Exception {
        Door.ask("PATCH", "/people/bookkeeper/" + Door.REALM + "/preferences", "{\"ClassTrackingPerTxn\": true, \"TrackDepartments\": true}");
        Class above = new Class();
        above.setName("North");
        Class north = books.service.add(above);
        Class below = new Class();
        below.setName("Far");
        below.setParentRef(Books.reference(north.getId()));
        Check.equal("North:Far", books.service.add(below).getFullyQualifiedName());
        Department place = new Department();
        place.setName("Quay");
        Check.equal("Quay", books.service.add(place).getFullyQualifiedName());
    }

    static void accounts(Books books) throws Exception {
        Account wanted = new Account();
        wanted.setName("Java income");
        wanted.setAccountType(com.intuit.ipp.data.AccountTypeEnum.INCOME);
        Account made = books.service.add(wanted);
        Check.equal(com.intuit.ipp.data.AccountClassificationEnum.REVENUE, made.getClassification());
        Check.equal(made.getId(), books.service.findById(made).getId());
    }

    static void currenciesAndRates(Books books) throws Exception {
        Books pounds = Books.inPounds();
        CompanyCurrency wanted = new CompanyCurrency();
        wanted.setCode("CAD");
        Check.equal("Canadian Dollar", pounds.service.add(wanted).getName());
        List<CompanyCurrency> all = pounds.service.findAll(new CompanyCurrency());
        Check.that(all.size() > 1, "one currency only");
        List<ExchangeRate> rates = pounds.found("select * from ExchangeRate where SourceCurrencyCode = 'EUR'");
        Check.equal("GBP", rates.get(0).getTargetCurrencyCode());
        Check.that(rates.get(0).getRate().signum() > 0, "no rate");
    }

    static void codesRatesAndAgenciesOfTax(Books books) throws Exception {
        List<TaxCode> codes = books.service.findAll(new TaxCode());
        List<TaxRate> rates = books.service.findAll(new TaxRate());
        Check.that(!codes.isEmpty() && !rates.isEmpty(), "no codes or rates");
        TaxRate rate = books.service.findById(rates.get(0));
        Check.that(rate.getRateValue().signum() >= 0, "no rate");
        TaxAgency wanted = new TaxAgency();
        wanted.setDisplayName("Java Revenue");
        Check.equal("Java Revenue", books.service.add(wanted).getDisplayName());
        Check.equal(codes.get(0).getName(), books.service.findById(codes.get(0)).getName());
    }

    static void aTaxCodeIsMade(Books books) throws Exception {
        List<TaxAgency> agencies = books.service.findAll(new TaxAgency());
        TaxRateDetails detail = new TaxRateDetails();
        detail.setTaxRateName("Java rate");
        detail.setRateValue(new BigDecimal("7.5"));
        detail.setTaxAgencyId(agencies.get(0).getId());
        detail.setTaxApplicableOn(TaxRateApplicableOnEnum.SALES);
        TaxService wanted = new TaxService();
        wanted.setTaxCode("Java code");
        wanted.setTaxRateDetails(List.of(detail));
        TaxService made = new GlobalTaxService(books.context).addTaxCode(wanted);
        Check.that(made.getTaxCodeId() != null, "no id");
        Check.amount("7.5", made.getTaxRateDetails().get(0).getRateValue());
        TaxCode asked = new TaxCode();
        asked.setId(made.getTaxCodeId());
        Check.equal("Java code", books.service.findById(asked).getName());
    }

    static void theCompanyAndItsPreferences(Books books) throws Exception {
        CompanyInfo asked = new CompanyInfo();
        asked.setId(Door.REALM);
        CompanyInfo company = books.service.findById(asked);
        Check.equal("US", company.getCountry());
        Check.that(!company.getNameValue().isEmpty(), "no facts");
        List<Preferences> all = books.service.findAll(new Preferences());
        Preferences wanted = new Preferences();
        wanted.setId(all.get(0).getId());
        wanted.setSyncToken(all.get(0).getSyncToken());
        wanted.setSparse(true);
        SalesFormsPrefs forms = all.get(0).getSalesFormsPrefs();
        forms.setAllowShipping(true);
        wanted.setSalesFormsPrefs(forms);
        Check.equal(true, books.service.update(wanted).getSalesFormsPrefs().isAllowShipping());
    }
}
