package dbmigrate.database;

import dbmigrate.database.ParameterRule.Fulfilled;
import dbmigrate.database.ParameterRule.Ignored;
import dbmigrate.database.ParameterRule.Listed;
import dbmigrate.database.ParameterRule.Passed;
import dbmigrate.database.ParameterRule.Refused;
import dbmigrate.database.ParameterRule.Translated;
import dbmigrate.database.ParameterRule.Understood;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The table of parameters: those of libpq in PostgreSQL 18 (documentation, section "Parameter Key
 * Words"), those of pgjdbc 42.7 ({@code PGProperty}) that change where or how it logs in, and those
 * of ORMs that mean something to a migration.
 *
 * <p>A parameter that stands in no row is ignored, unlike in libpq: the URL may be an
 * application's, with settings for its pool. So are all time-outs, which are meant for an
 * application's statements.
 */
final class ParameterRules {
    private static final Refused LOADS_A_CLASS =
            new Refused("names a class of an application, which a function does not have");
    private static final Listed AUTHENTICATION =
            new Listed(
                    "requireAuth",
                    Set.of("password", "md5", "gss", "sspi", "scram-sha-256", "none"));
    private static final Refused NO_OAUTH = new Refused("is not supported: pgjdbc has no OAuth");
    private static final Refused NO_REVOCATION_LISTS =
            new Refused("is not supported: pgjdbc reads no revocation lists");
    private static final Refused NO_SCRAM_KEYS =
            new Refused("is not supported: pgjdbc logs in with a password, not with SCRAM keys");
    private static final Refused NO_SERVICE_FILE =
            new Refused("is not supported: a function has no service file; give host and database");
    private static final Fulfilled NO_REPLICATION =
            new Fulfilled(
                    Set.of("false", "off", "no", "0"),
                    "is not supported: a replication session cannot migrate");

    private static final Map<String, ParameterRule> RULES =
            Map.ofEntries(
                    // Where, and as whom.
                    understood("host", "host"),
                    understood("hostaddr", "hostaddr"),
                    understood("port", "port"),
                    understood("dbname", "dbname"),
                    understood("user", "user"),
                    understood("password", "password"),
                    understood("PGHOST", "host"),
                    understood("PGPORT", "port"),
                    understood("PGDBNAME", "dbname"),
                    Map.entry(
                            "passfile",
                            new Refused(
                                    "is not supported: a function has no password file; give the"
                                            + " password")),
                    Map.entry("service", NO_SERVICE_FILE),
                    Map.entry("servicefile", NO_SERVICE_FILE),

                    // Which of several servers.
                    Map.entry(
                            "target_session_attrs",
                            new Translated(
                                    "targetServerType",
                                    Map.of(
                                            "any", "any",
                                            "read-write", "primary",
                                            "primary", "primary"))),
                    Map.entry(
                            "targetServerType",
                            new Translated(
                                    "targetServerType",
                                    Map.of(
                                            "any", "any",
                                            "primary", "primary",
                                            "master", "primary",
                                            "preferPrimary", "primary"))),
                    Map.entry(
                            "load_balance_hosts",
                            new Translated(
                                    "loadBalanceHosts",
                                    Map.of("disable", "false", "random", "true"))),
                    Map.entry("loadBalanceHosts", same("loadBalanceHosts", "true", "false")),

                    // Logging in.
                    Map.entry("require_auth", AUTHENTICATION),
                    Map.entry("requireAuth", AUTHENTICATION),
                    Map.entry(
                            "channel_binding",
                            same("channelBinding", "disable", "prefer", "require")),
                    Map.entry(
                            "channelBinding",
                            same("channelBinding", "disable", "prefer", "require")),
                    Map.entry("gssencmode", same("gssEncMode", "disable", "prefer", "require")),
                    Map.entry(
                            "gssEncMode",
                            same("gssEncMode", "disable", "allow", "prefer", "require")),
                    Map.entry("gsslib", same("gsslib", "auto", "gssapi", "sspi")),
                    Map.entry("krbsrvname", new Passed("kerberosServerName")),
                    Map.entry("kerberosServerName", new Passed("kerberosServerName")),
                    Map.entry("jaasApplicationName", new Passed("jaasApplicationName")),
                    Map.entry("jaasLogin", new Passed("jaasLogin")),
                    Map.entry("gssUseDefaultCreds", new Passed("gssUseDefaultCreds")),
                    Map.entry("useSpnego", new Passed("useSpnego")),
                    Map.entry("scramMaxIterations", new Passed("scramMaxIterations")),
                    Map.entry(
                            "gssdelegation",
                            new Fulfilled(
                                    Set.of("0"),
                                    "is not supported: pgjdbc delegates no credentials")),
                    Map.entry("scram_client_key", NO_SCRAM_KEYS),
                    Map.entry("scram_server_key", NO_SCRAM_KEYS),
                    Map.entry("oauth_issuer", NO_OAUTH),
                    Map.entry("oauth_client_id", NO_OAUTH),
                    Map.entry("oauth_client_secret", NO_OAUTH),
                    Map.entry("oauth_scope", NO_OAUTH),
                    Map.entry("authenticationPluginClassName", LOADS_A_CLASS),

                    // TLS.
                    understood("ssl", "ssl"),
                    understood("sslmode", "sslmode"),
                    understood("requiressl", "requiressl"),
                    understood("sslrootcert", "sslrootcert"),
                    understood("sslcert", "sslcert"),
                    understood("sslkey", "sslkey"),
                    understood("sslaccept", "sslaccept"),
                    understood("sslidentity", "sslidentity"),
                    Map.entry("sslpassword", new Passed("sslpassword")),
                    Map.entry("pemKeyAlgorithm", new Passed("pemKeyAlgorithm")),
                    Map.entry("sslnegotiation", same("sslNegotiation", "postgres", "direct")),
                    Map.entry("sslNegotiation", same("sslNegotiation", "postgres", "direct")),
                    Map.entry("sslcompression", new Fulfilled(Set.of("0", "1"), "must be 0 or 1")),
                    Map.entry(
                            "sslcertmode",
                            new Fulfilled(
                                    Set.of("allow"),
                                    "is supported as allow only: pgjdbc sends a certificate when it"
                                            + " is asked for one")),
                    Map.entry(
                            "sslsni",
                            new Fulfilled(
                                    Set.of("1"),
                                    "is supported as 1 only: pgjdbc always sends the name")),
                    Map.entry("sslcrl", NO_REVOCATION_LISTS),
                    Map.entry("sslcrldir", NO_REVOCATION_LISTS),
                    Map.entry(
                            "sslkeylogfile",
                            new Refused(
                                    "is not supported: it writes the session's keys to a file")),
                    Map.entry(
                            "ssl_min_protocol_version",
                            new Fulfilled(
                                    Set.of("tlsv1", "tlsv1.1", "tlsv1.2"),
                                    "is not supported above TLSv1.2: pgjdbc leaves the version to"
                                            + " Java, which takes 1.2 and 1.3")),
                    Map.entry(
                            "ssl_max_protocol_version",
                            new Fulfilled(
                                    Set.of("tlsv1.3"),
                                    "is not supported below TLSv1.3: pgjdbc leaves the version to"
                                            + " Java, which takes 1.2 and 1.3")),
                    Map.entry("sslfactory", LOADS_A_CLASS),
                    Map.entry("sslfactoryarg", LOADS_A_CLASS),
                    Map.entry("sslhostnameverifier", LOADS_A_CLASS),
                    Map.entry("sslpasswordcallback", LOADS_A_CLASS),
                    Map.entry("socketFactory", LOADS_A_CLASS),
                    Map.entry("socketFactoryArg", LOADS_A_CLASS),

                    // The session.
                    understood("options", "options"),
                    understood("schema", "schema"),
                    understood("currentSchema", "schema"),
                    understood("search_path", "schema"),
                    understood("schema_search_path", "schema"),
                    Map.entry("application_name", new Passed("ApplicationName")),
                    Map.entry("ApplicationName", new Passed("ApplicationName")),
                    understood("fallback_application_name", "fallback_application_name"),
                    Map.entry(
                            "client_encoding",
                            new Fulfilled(
                                    Set.of("auto", "utf8", "utf-8", "unicode"),
                                    "must be UTF8 or auto: pgjdbc speaks UTF-8 only")),
                    Map.entry("replication", NO_REPLICATION),
                    Map.entry(
                            "readOnly",
                            new Fulfilled(
                                    Set.of("false"),
                                    "is not supported: a read-only session cannot migrate")),
                    Map.entry(
                            "min_protocol_version",
                            new Fulfilled(
                                    Set.of("3.0"),
                                    "is not supported above 3.0, which is what pgjdbc speaks")),
                    Map.entry(
                            "max_protocol_version",
                            new Fulfilled(
                                    Set.of("3.0", "3.2", "latest"), "must be 3.0, 3.2 or latest")));

    private ParameterRules() {}

    static ParameterRule of(String name) {
        return RULES.getOrDefault(name, new Ignored());
    }

    private static Map.Entry<String, ParameterRule> understood(String name, String as) {
        return Map.entry(name, new Understood(as));
    }

    private static Translated same(String property, String... values) {
        return new Translated(
                property,
                Stream.of(values)
                        .collect(Collectors.toMap(Function.identity(), Function.identity())));
    }
}
