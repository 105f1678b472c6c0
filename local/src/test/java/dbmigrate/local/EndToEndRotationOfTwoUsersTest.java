package dbmigrate.local;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

/** The same, with two users who take turns and act as one role. */
@Tag("database")
@Timeout(1800)
class EndToEndRotationOfTwoUsersTest extends EndToEndRotationTest {
    @Override
    boolean alternates() {
        return true;
    }
}
