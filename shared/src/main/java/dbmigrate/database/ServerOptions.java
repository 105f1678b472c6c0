package dbmigrate.database;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code options} parameter: arguments for the server, parted by white space, where a backslash
 * keeps a blank in one (PostgreSQL's {@code pg_split_opts}). A setting is {@code -c name=value},
 * {@code -cname=value} or {@code --name=value}.
 */
final class ServerOptions {
    private static final Set<String> TIMEOUTS =
            Set.of(
                    "statement_timeout",
                    "lock_timeout",
                    "transaction_timeout",
                    "idle_in_transaction_session_timeout",
                    "idle_session_timeout",
                    "tcp_user_timeout");

    private static final Pattern ARGUMENT =
            Pattern.compile("(?:\\\\.|[^\\s\\\\])+", Pattern.DOTALL);
    private static final Pattern SETTING =
            Pattern.compile("(?:-c\\s*|--)([^=]+)=.*", Pattern.DOTALL);

    private ServerOptions() {}

    /**
     * The options without the settings that would cut a migration short.
     *
     * @param dropped receives the names of those left out
     */
    static String withoutTimeouts(String options, Collection<String> dropped) {
        List<String> kept = new ArrayList<>();
        for (String argument : arguments(options)) {
            Matcher setting = SETTING.matcher(argument);
            String name = setting.matches() ? name(setting.group(1)) : "";
            if (TIMEOUTS.contains(name)) {
                dropped.add(name);
            } else {
                kept.add(argument);
            }
        }
        return String.join(" ", kept);
    }

    /** As they are written, a lone {@code -c} together with what follows it. */
    private static List<String> arguments(String options) {
        List<String> arguments = new ArrayList<>();
        Matcher matcher = ARGUMENT.matcher(options);
        while (matcher.find()) {
            String argument = matcher.group();
            if (argument.equals("-c") && matcher.find()) {
                argument = "-c " + matcher.group();
            }
            arguments.add(argument);
        }
        return arguments;
    }

    /** The server takes names in any case, and a dash for an underscore. */
    private static String name(String written) {
        return written.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    }
}
