package dbmigrate.local;

/** Names in the account that this machine plays. */
final class Arn {
    static final String ACCOUNT = "000000000000";
    static final String REGION = "us-east-1";

    private Arn() {}

    static String of(String service, String resource) {
        return "arn:aws:%s:%s:%s:%s".formatted(service, REGION, ACCOUNT, resource);
    }
}
