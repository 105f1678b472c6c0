package dbmigrate.worker;

import dbmigrate.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

@Tag("database")
@Timeout(120)
class OwnerRoleTest extends OwnerRoleContract {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    @BeforeEach
    void start() throws SQLException {
        createRoles();
    }

    @Override
    Connection superuser(String database) throws SQLException {
        return POSTGRES.connect(database);
    }

    @Override
    int port() {
        return POSTGRES.port();
    }
}
