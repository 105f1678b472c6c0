package dbmigrate.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdsRegionTest {
    @ParameterizedTest
    @CsvSource({
        "app.abc123.eu-west-1.rds.amazonaws.com, eu-west-1",
        "APP.cluster-abc123.Ca-Central-1.RDS.amazonaws.com, ca-central-1",
        "app.cluster-ro-abc123.ap-southeast-2.rds.amazonaws.com, ap-southeast-2",
        "app.cluster-custom-abc123.us-east-1.rds.amazonaws.com., us-east-1",
        "app.abc123.rds.us-gov-west-1.amazonaws.com, us-gov-west-1",
        "app.abc123.rds.cn-north-1.amazonaws.com.cn, cn-north-1",
        "app.cluster-abc123.cn-northwest-1.rds.amazonaws.com.cn, cn-northwest-1",
    })
    void endpointSaysItsRegion(String host, String region) {
        assertEquals(Optional.of(region), RdsRegion.of(new Host(host, 5432)).map(RdsRegion::name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "rds.amazonaws.com",
                "eu-west-1.rds.amazonaws.com",
                "rds.eu-west-1.amazonaws.com",
                "app.abc123.eu-west-1.rds.amazonaws.com.example.org",
                "app.abc123.eu-west-1.rds.example.com",
                "app.abc123.eu-west-1.notrds.amazonaws.com",
                "10.0.0.1",
                "::1"
            })
    void everyOtherHostHasNone(String host) {
        assertEquals(Optional.empty(), RdsRegion.of(new Host(host, 5432)));
    }
}
