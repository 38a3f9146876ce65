/** What must fail: a case that claims what is not so. */
final class RedControl {
    private RedControl() {}

    static void aCompanyOfAnotherName(Books books) throws Exception {
        Check.equal("Nobody", books.customer("Somebody").getDisplayName());
    }
}
