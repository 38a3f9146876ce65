/** A case that claims what is not so: it must fail. */
final class RedControl {
    private RedControl() {}

    static void aCustomerOfAnotherName(Books books) throws Exception {
        Check.equal("Nobody", books.customer("Somebody").getDisplayName());
    }
}
