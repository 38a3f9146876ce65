import com.intuit.ipp.exception.FMSException;
import java.math.BigDecimal;
import java.util.Objects;
import java.util.concurrent.Callable;

/** What a case claims. */
final class Check {
    private Check() {}

    static void that(boolean holds, String text) {
        if (!holds) {
            throw new AssertionError(text);
        }
    }

    static void equal(Object wanted, Object found) {
        that(Objects.equals(wanted, found), "wanted " + wanted + ", found " + found);
    }

    static void amount(String wanted, BigDecimal found) {
        that(found != null && new BigDecimal(wanted).compareTo(found) == 0, "wanted " + wanted + ", found " + found);
    }

    /** The work raises that exception and no other, with that code in its list of errors ("" where it has none). */
    static FMSException refused(Class<? extends FMSException> kind, String code, Callable<?> work) throws Exception {
        Object done;
        try {
            done = work.call();
        } catch (FMSException refusal) {
            equal(kind, refusal.getClass());
            boolean listed = refusal.getErrorList() != null && !refusal.getErrorList().isEmpty();
            equal(code, listed ? refusal.getErrorList().get(0).getCode() : "");
            return refusal;
        }
        throw new AssertionError("nothing was refused: " + done);
    }
}
