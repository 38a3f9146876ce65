import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Hears one case for each line of its input: `class method format compression transport`; answers a line for each. */
public final class Judge {
    private Judge() {}

    public static void main(String[] given) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Door.open();
        BufferedReader orders = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String order; (order = orders.readLine()) != null; ) {
            answers.println(heard(order.split(" ")));
            answers.flush();
        }
    }

    private static String heard(String[] order) {
        try {
            Door.configure(order[2], order[3], order[4]);
            Class.forName(order[0]).getDeclaredMethod(order[1], Books.class).invoke(null, new Books());
            return "passed";
        } catch (InvocationTargetException wrapped) {
            return "failed " + trace(wrapped.getCause());
        } catch (Throwable broken) {
            return "failed " + trace(broken);
        }
    }

    private static String trace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text, true));
        return Base64.getEncoder().encodeToString(text.toString().getBytes(StandardCharsets.UTF_8));
    }
}
