package dbmigrate.credentials;

/**
 * What the resource's attributes say.
 *
 * @param secretArn where user and password are
 * @param content what the secret holds
 * @param databaseName the database that the attribute DatabaseUrl names
 */
record ProvedCredentials(String secretArn, SecretContent content, String databaseName) {
    /** For DATABASE_URL: neither user nor password, which come from the secret at run time. */
    String databaseUrl() {
        return "postgresql://%s:%d/%s"
                .formatted(
                        content.host(),
                        content.port(),
                        java.net.URLEncoder.encode(
                                        databaseName, java.nio.charset.StandardCharsets.UTF_8)
                                .replace("+", "%20"));
    }
}
