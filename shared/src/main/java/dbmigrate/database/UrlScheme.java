package dbmigrate.database;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a database URL begins, in any case: {@code postgresql://} or {@code postgres://}, either with
 * a driver as SQLAlchemy writes it ({@code postgresql+psycopg2://}), or {@code jdbc:postgresql:}.
 *
 * @param isJdbc whether pgjdbc's rules hold in place of libpq's
 * @param length how many characters the scheme takes; for JDBC without the slashes
 */
record UrlScheme(boolean isJdbc, int length) {
    private static final Pattern LIBPQ =
            Pattern.compile("postgres(ql)?(\\+[a-z0-9_]+)?://", Pattern.CASE_INSENSITIVE);
    private static final Pattern JDBC =
            Pattern.compile("jdbc:postgresql:", Pattern.CASE_INSENSITIVE);

    /** What any URL begins with; the bounds keep a message from repeating half a password. */
    private static final Pattern ANY =
            Pattern.compile(
                    "((jdbc:)?[a-z][a-z0-9+.-]{0,20}:)//|(jdbc:[a-z][a-z0-9+.-]{0,20}:)",
                    Pattern.CASE_INSENSITIVE);

    /** Empty where the URL is no PostgreSQL URL. */
    static Optional<UrlScheme> of(String url) {
        return at(LIBPQ, url, false).or(() -> at(JDBC, url, true));
    }

    /** The scheme for a message, or words that say that there is none. */
    static String printable(String url) {
        Matcher matcher = ANY.matcher(url.strip());
        return matcher.lookingAt()
                ? matcher.group().toLowerCase(Locale.ROOT)
                : "something that is no scheme";
    }

    private static Optional<UrlScheme> at(Pattern pattern, String url, boolean isJdbc) {
        Matcher matcher = pattern.matcher(url.strip());
        return matcher.lookingAt()
                ? Optional.of(new UrlScheme(isJdbc, matcher.end()))
                : Optional.empty();
    }
}
