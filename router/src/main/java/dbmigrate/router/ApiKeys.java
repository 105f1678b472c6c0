package dbmigrate.router;

import dbmigrate.json.Json;
import dbmigrate.json.MalformedJsonException;
import dbmigrate.log.Log;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The keys that are valid at this moment: several, so that one can be changed without a gap.
 *
 * <p>Only digests are kept. What was sent is digested and compared with each of them, to the end,
 * whichever fits: neither a key's length nor how much of it is right shows in the time.
 */
final class ApiKeys {
    /** Of 32 characters at random nobody guesses one. */
    private static final int SHORTEST = 32;

    /** Nothing that a header could lose, such as a blank at its end, or that would part two. */
    private static final Pattern KEY = Pattern.compile("[!-+\\--~]{" + SHORTEST + ",512}");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final String IDENTITY = "key:";

    /** What the secret of a database has, whose host's name would be a key as well. */
    private static final Set<String> OF_A_DATABASE = Set.of("username", "password", "engine");

    private final Map<String, byte[]> digests;

    private ApiKeys(Map<String, byte[]> digests) {
        this.digests = Map.copyOf(digests);
    }

    /**
     * Reads the text of the secret, a JSON object of names and keys. A key that is too short, has
     * other characters, or stands under two names counts for nothing: the log names it, and the
     * others go on being valid.
     *
     * @throws IllegalStateException where no key is left, and where it is a database's secret
     */
    static ApiKeys read(String text, Log log) {
        Map<String, Object> members = members(text);
        if (members.keySet().stream().anyMatch(OF_A_DATABASE::contains)) {
            throw new IllegalStateException(
                    "the secret that API_KEY_SECRET_ARN names is the login of a database: it has a"
                            + " username, a password or an engine, and no member of it is taken for a"
                            + " key; name a secret that holds keys alone, none of them called so");
        }
        Map<String, byte[]> digests = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            String shown = NAME.matcher(name).matches() ? name : "of another form";
            if (!NAME.matcher(name).matches()) {
                log.warn(
                        "a key's name must have 1 to 64 letters, digits, dots, hyphens and underscores; the key is not valid");
            } else if (value instanceof String key && KEY.matcher(key).matches()) {
                digests.put(name, digest(key));
            } else {
                log.with("key", shown)
                        .warn(
                                "a key must be a text of %d to 512 printable characters of ASCII without blanks and commas; it is not valid"
                                        .formatted(SHORTEST));
            }
        });
        refuseShared(digests, log);
        if (digests.isEmpty()) {
            throw new IllegalStateException(
                    "no key of the secret that API_KEY_SECRET_ARN names is valid, so that nobody can come in");
        }
        return new ApiKeys(digests);
    }

    /** Whose key this is; empty for nobody's. */
    Optional<String> identityOf(String sent) {
        byte[] digest = digest(sent);
        Optional<String> found = Optional.empty();
        for (Map.Entry<String, byte[]> known : digests.entrySet()) {
            if (MessageDigest.isEqual(known.getValue(), digest)) {
                found = Optional.of(IDENTITY + known.getKey());
            }
        }
        return found;
    }

    /** Whether this is an identity as {@link #identityOf} makes it. */
    static boolean isIdentity(String text) {
        return text.startsWith(IDENTITY)
                && NAME.matcher(text.substring(IDENTITY.length())).matches();
    }

    private static Map<String, Object> members(String text) {
        Map<String, Object> members = new TreeMap<>();
        try {
            if (Json.read(text) instanceof Map<?, ?> object) {
                object.forEach(
                        (name, value) -> members.put(name.toString(), value == null ? "" : value));
                return members;
            }
        } catch (MalformedJsonException e) {
            // Even the place of the mistake says something of what stands there.
        }
        throw new IllegalStateException(
                "the secret that API_KEY_SECRET_ARN names must be a JSON object of names and keys");
    }

    /** Who came in with a key of two names could not be told. */
    private static void refuseShared(Map<String, byte[]> digests, Log log) {
        digests.entrySet().stream()
                .collect(Collectors.groupingBy(one -> HexFormat.of().formatHex(one.getValue())))
                .values()
                .stream()
                .filter(same -> same.size() > 1)
                .map(same -> same.stream().map(Map.Entry::getKey).toList())
                .forEach(names -> {
                    log.with("keys", String.join(", ", names))
                            .warn("a key must stand under one name alone; it is not valid");
                    digests.keySet().removeAll(names);
                });
    }

    private static byte[] digest(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
