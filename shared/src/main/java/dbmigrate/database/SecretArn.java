package dbmigrate.database;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a secret in all of AWS.
 *
 * @param region whose Secrets Manager has it; it may be another than the function's
 */
public record SecretArn(String text, String region) {
    /**
     * RDS's own names hold an exclamation mark. A JSON key behind the name, as ECS has, is none.
     */
    private static final Pattern ARN =
            Pattern.compile(
                    "arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\\d{12}:secret:[A-Za-z0-9/_+=.@!-]+");

    /**
     * Reads an ARN.
     *
     * @throws IllegalArgumentException that says what one looks like and shows nothing of the text
     */
    public static SecretArn parse(String text) {
        Matcher arn = ARN.matcher(text.strip());
        if (!arn.matches()) {
            throw new IllegalArgumentException(
                    "must be the ARN of a secret, arn:aws:secretsmanager:<region>:<account>:secret:<name>,"
                            + " with no JSON key or version behind it");
        }
        return new SecretArn(arn.group(), arn.group(1));
    }

    @Override
    public String toString() {
        return text;
    }
}
