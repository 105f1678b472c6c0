package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;

/** What becomes of the parameters: libpq's, pgjdbc's and those of ORMs. */
class UrlParametersTest {
    /** Columns: parameters; the properties of pgjdbc that they become. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sslmode=disable                             | sslmode=disable
                    sslmode=allow                               | sslmode=allow
                    sslmode=prefer                              | sslmode=prefer
                    sslmode=require                             | sslmode=require
                    sslmode=verify-ca                           | sslmode=verify-ca
                    sslmode=verify-full                         | sslmode=verify-full
                    sslmode=no-verify                           | sslmode=require
                    sslmode=verify-full&sslrootcert=/ca.pem     | sslmode=verify-full sslrootcert=/ca.pem
                    sslmode=require&sslrootcert=/ca.pem         | sslmode=verify-ca sslrootcert=/ca.pem
                    sslrootcert=system                          | sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory sslmode=verify-full
                    sslrootcert=system&sslmode=verify-full      | sslfactory=org.postgresql.ssl.DefaultJavaSSLFactory sslmode=verify-full
                    sslcert=/c.crt&sslkey=/c.key&sslpassword=pw | sslcert=/c.crt sslkey=/c.key sslpassword=pw
                    ssl=true                                    | sslmode=require
                    ssl=false                                   | ''
                    ssl=verify-full                             | sslmode=verify-full
                    ssl=no-verify                               | sslmode=require
                    sslmode=verify-full&ssl=true                | sslmode=verify-full
                    requiressl=1                                | sslmode=require
                    requiressl=0                                | sslmode=prefer
                    sslnegotiation=direct                       | sslNegotiation=direct
                    sslcompression=0&sslcertmode=allow&sslsni=1 | ''
                    ssl_min_protocol_version=TLSv1.2&ssl_max_protocol_version=TLSv1.3 | ''
                    sslaccept=strict                            | sslmode=verify-full
                    sslaccept=strict&sslmode=require&sslcert=/ca.pem | sslmode=verify-full sslrootcert=/ca.pem
                    sslaccept=strict&sslmode=disable            | sslmode=disable
                    sslaccept=accept_invalid_certs&sslmode=require | sslmode=require
                    sslidentity=/id.p12&sslpassword=pw&sslmode=require | sslkey=/id.p12 sslmode=require sslpassword=pw
                    channel_binding=require                     | channelBinding=require
                    require_auth=scram-sha-256                  | requireAuth=scram-sha-256
                    require_auth=!password, !md5                | requireAuth=!password, !md5
                    gssencmode=disable                          | gssEncMode=disable
                    krbsrvname=postgres&gsslib=gssapi           | gsslib=gssapi kerberosServerName=postgres
                    gssdelegation=0                             | ''
                    target_session_attrs=any                    | targetServerType=any
                    target_session_attrs=read-write             | targetServerType=primary
                    target_session_attrs=primary                | targetServerType=primary
                    load_balance_hosts=random                   | loadBalanceHosts=true
                    load_balance_hosts=disable                  | loadBalanceHosts=false
                    application_name=app                        | ApplicationName=app
                    fallback_application_name=f                 | ApplicationName=f
                    application_name=a&fallback_application_name=f | ApplicationName=a
                    client_encoding=UTF8                        | ''
                    client_encoding=auto                        | ''
                    min_protocol_version=3.0&max_protocol_version=latest | ''
                    replication=false                           | ''
                    options=-c%20search_path%3Dapp              | options=-c search_path=app
                    options=-csearch_path=app                   | options=-csearch_path=app
                    options=endpoint%3Dep-cool-1                | options=endpoint=ep-cool-1
                    sslmode=require&sslcert=                    | sslmode=require
                    host=a,b                                    | targetServerType=primary
                    host=a,b&target_session_attrs=any           | targetServerType=primary
                    """)
    void parameterOfLibpqOrAnOrmBecomesPropertiesOfTheDriver(String query, String properties) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/db?" + query);
        assertEquals(properties, honoured(url));
        assertEquals(List.of(), url.warnings());
    }

    /** Columns: parameters; the properties of pgjdbc that they become. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ssl                                         | sslmode=verify-full
                    ssl=true                                    | sslmode=verify-full
                    ssl=true&sslmode=require                    | sslmode=require
                    ssl=false                                   | ''
                    sslmode=require&sslrootcert=/ca.pem         | sslmode=require sslrootcert=/ca.pem
                    sslcert=/c.crt                              | sslcert=/c.crt
                    ApplicationName=my+app                      | ApplicationName=my app
                    channelBinding=prefer&gssEncMode=allow      | channelBinding=prefer gssEncMode=allow
                    requireAuth=!password                       | requireAuth=!password
                    targetServerType=master                     | targetServerType=primary
                    targetServerType=preferPrimary              | targetServerType=primary
                    loadBalanceHosts=true                       | loadBalanceHosts=true
                    options=-c%20search_path%3Dapp              | options=-c search_path=app
                    readOnly=false                              | ''
                    """)
    void parameterOfJdbcStaysWhatItIs(String query, String properties) {
        DatabaseUrl url = DatabaseUrl.parse("jdbc:postgresql://h/db?user=u&" + query);
        assertEquals(properties, honoured(url));
        assertEquals(List.of(), url.warnings());
    }

    /** Columns: parameters; words of the refusal. What must not be repeated is written zeb. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sslmode=zeb                      | the parameter sslmode must be one of disable, allow, prefer
                    sslmode=                         | the parameter sslmode must be one of
                    ssl=zeb                          | the parameter ssl must be one of
                    sslrootcert=system&sslmode=require | the parameter sslrootcert is system, which needs sslmode=verify-full
                    sslrootcert=system&sslcert=/zeb&sslkey=/zeb | the parameter sslrootcert is system, with which
                    sslaccept=zeb                    | the parameter sslaccept must be strict or accept_invalid_certs
                    sslidentity=/zeb.pem             | the parameter sslidentity must name a .p12 or .pfx
                    sslcertmode=require              | the parameter sslcertmode is supported as allow only
                    sslsni=0                         | the parameter sslsni is supported as 1 only
                    sslcrl=/zeb                      | the parameter sslcrl is not supported
                    sslcrldir=/zeb                   | the parameter sslcrldir is not supported
                    sslkeylogfile=/zeb               | the parameter sslkeylogfile is not supported
                    sslcompression=zeb               | the parameter sslcompression must be 0 or 1
                    ssl_min_protocol_version=TLSv1.3 | the parameter ssl_min_protocol_version is not supported above TLSv1.2
                    ssl_max_protocol_version=TLSv1.2 | the parameter ssl_max_protocol_version is not supported below TLSv1.3
                    sslfactory=zeb                   | the parameter sslfactory names a class
                    sslhostnameverifier=zeb          | the parameter sslhostnameverifier names a class
                    socketFactory=zeb                | the parameter socketFactory names a class
                    authenticationPluginClassName=zeb | the parameter authenticationPluginClassName names a class
                    passfile=/zeb                    | the parameter passfile is not supported: a function has no password file
                    service=zeb                      | the parameter service is not supported
                    servicefile=zeb                  | the parameter servicefile is not supported
                    scram_client_key=zeb             | the parameter scram_client_key is not supported
                    scram_server_key=zeb             | the parameter scram_server_key is not supported
                    oauth_issuer=zeb                 | the parameter oauth_issuer is not supported
                    oauth_client_secret=zeb          | the parameter oauth_client_secret is not supported
                    require_auth=oauth               | the parameter require_auth must be a list of gss, md5, none, password, scram-sha-256, sspi
                    gssdelegation=1                  | the parameter gssdelegation is not supported
                    gssencmode=zeb                   | the parameter gssencmode must be one of disable, prefer, require
                    channel_binding=zeb              | the parameter channel_binding must be one of disable, prefer, require
                    target_session_attrs=read-only   | the parameter target_session_attrs must be one of any, primary, read-write
                    target_session_attrs=standby     | the parameter target_session_attrs must be one of any, primary, read-write
                    target_session_attrs=prefer-standby | the parameter target_session_attrs must be one of any, primary, read-write
                    targetServerType=secondary       | the parameter targetServerType must be one of any
                    load_balance_hosts=zeb           | the parameter load_balance_hosts must be one of disable, random
                    client_encoding=LATIN1           | the parameter client_encoding must be UTF8 or auto
                    replication=database             | the parameter replication is not supported
                    readOnly=true                    | the parameter readOnly is not supported
                    min_protocol_version=3.2         | the parameter min_protocol_version is not supported above 3.0
                    max_protocol_version=zeb         | the parameter max_protocol_version must be
                    """)
    void parameterThatCannotBeKeptIsRefusedByName(String query, String words) {
        String message =
                String.valueOf(
                        assertThrows(
                                        InvalidDatabaseUrlException.class,
                                        () -> DatabaseUrl.parse("postgresql://u@h/db?" + query))
                                .getMessage());
        assertAll(
                () -> assertTrue(message.contains(words), message),
                () -> assertFalse(message.contains("zeb"), message));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // libpq: time-outs
                "connect_timeout",
                "tcp_user_timeout",
                "keepalives",
                "keepalives_idle",
                "keepalives_interval",
                "keepalives_count",
                "requirepeer",
                // pgjdbc
                "socketTimeout",
                "connectTimeout",
                "loginTimeout",
                "cancelSignalTimeout",
                "queryTimeout",
                "tcpKeepAlive",
                "prepareThreshold",
                "preparedStatementCacheQueries",
                "reWriteBatchedInserts",
                "defaultRowFetchSize",
                "autosave",
                "stringtype",
                // Prisma
                "connection_limit",
                "pool_timeout",
                "socket_timeout",
                "pgbouncer",
                "statement_cache_size",
                // Rails, node-postgres, pgx and whatever comes
                "pool",
                "prepared_statements",
                "checkout_timeout",
                "encoding",
                "statement_timeout",
                "lock_timeout",
                "query_timeout",
                "uselibpqcompat",
                "pool_max_conns",
                "never_heard_of"
            })
    void parameterThatAMigrationDoesNotUseIsIgnoredByNameWithoutItsValue(String name) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/db?" + name + "=zeb");
        assertEquals("", honoured(url));
        assertEquals(
                List.of(
                        "Parameters of the database URL that a migration does not use were ignored: "
                                + name
                                + "."),
                url.warnings());
    }

    @Test
    void oneWarningNamesAllIgnoredParametersOnce() {
        assertEquals(
                List.of(
                        "Parameters of the database URL that a migration does not use were ignored:"
                                + " pgbouncer, pool, one with an unusual name, statement_timeout (in"
                                + " options)."),
                DatabaseUrl.parse(
                                "postgresql://u@h/db?pgbouncer=true&pool=1&pool=2&a%20b=3&sslmode=require"
                                        + "&options=-c%20statement_timeout=1")
                        .warnings());
    }

    /** Columns: options; what is left of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    -c search_path=app -c statement_timeout=5s      | -c search_path=app
                    -cstatement_timeout=5s -csearch_path=app        | -csearch_path=app
                    --statement-timeout=5s --search_path=app        | --search_path=app
                    -c Lock_Timeout=1 -c TRANSACTION_TIMEOUT=1      | ``
                    -c idle_in_transaction_session_timeout=1        | ``
                    -c idle_session_timeout=1 -c tcp_user_timeout=1 | ``
                    -c search_path=a\\ b -c work_mem=64MB           | -c search_path=a\\ b -c work_mem=64MB
                    -c search_path=statement_timeout=1              | -c search_path=statement_timeout=1
                    -c                                              | -c
                    """)
    void timeoutsLeaveTheOptionsAndTheRestStays(String options, String left) {
        String text = "postgresql://u@h/db?options=" + options.replace(" ", "%20");
        assertEquals(left, properties(DatabaseUrl.parse(text)).getProperty("options", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"schema", "currentSchema", "search_path", "schema_search_path"})
    void schemaIsUnderstoodUnderEachOfItsNames(String name) {
        DatabaseUrl url = DatabaseUrl.parse("postgresql://u@h/db?" + name + "=app,public");
        assertAll(
                () -> assertEquals(Optional.of("app,public"), url.schema()),
                () -> assertEquals("", honoured(url)),
                () -> assertEquals(List.of(), url.warnings()));
    }

    @Test
    void everyPropertyIsOneOfTheDrivers() {
        DatabaseUrl url =
                DatabaseUrl.parse(
                        "postgresql://u:p@a,b/db?sslmode=require&sslcert=c&sslkey=k&sslpassword=p"
                                + "&sslrootcert=r&channel_binding=prefer&gssencmode=disable&options=-cx=1"
                                + "&load_balance_hosts=random&application_name=a&require_auth=md5"
                                + "&krbsrvname=k&gsslib=auto&sslnegotiation=postgres&jaasLogin=true"
                                + "&jaasApplicationName=j&gssUseDefaultCreds=true&useSpnego=true"
                                + "&scramMaxIterations=1&pemKeyAlgorithm=EC");
        for (String name : properties(url).stringPropertyNames()) {
            assertEquals(name, PGProperty.forName(name).getName());
        }
    }

    /** The honoured parameters alone, in the order of their names. */
    private static String honoured(DatabaseUrl url) {
        Properties properties = properties(url);
        properties.remove("user");
        return new TreeMap<>(properties)
                .entrySet().stream().map(Object::toString).collect(Collectors.joining(" "));
    }

    private static Properties properties(DatabaseUrl url) {
        return url.properties((Login) url.credentials());
    }
}
