package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretArnTest {
    @ParameterizedTest
    @CsvSource({
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:app-AbCdEf, eu-west-1",
        "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!cluster-1b2c-AbCdEf, us-east-1",
        "arn:aws-us-gov:secretsmanager:us-gov-west-1:123456789012:secret:a/b_c+d=e.f@g, us-gov-west-1",
        "' arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:app ', cn-north-1"
    })
    void arnGivesTheRegion(String text, String region) {
        SecretArn arn = SecretArn.parse(text);
        assertEquals(region, arn.region());
        assertEquals(text.strip(), arn.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "app-hunter2",
                "arn:aws:rds:eu-west-1:123456789012:cluster:hunter2",
                "arn:aws:secretsmanager:eu-west-1:1234:secret:hunter2",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hunter2:password::",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:hunter2 b",
                "{{resolve:secretsmanager:hunter2}}",
                "{\"username\":\"u\",\"password\":\"hunter2\"}"
            })
    void whatIsNoArnIsRefusedAndNotRepeated(String text) {
        String message =
                String.valueOf(
                        assertThrows(IllegalArgumentException.class, () -> SecretArn.parse(text))
                                .getMessage());
        assertTrue(message.contains("arn:aws:secretsmanager:"), message);
        assertFalse(message.contains("hunter2"), message);
    }
}
