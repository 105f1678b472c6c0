package dbmigrate.credentials;

import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.MotoServer;
import dbmigrate.testing.TestPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;

@Tag("database")
@Timeout(120)
class RotationTest extends RotationContract {
    private static final TestPostgres POSTGRES = TestPostgres.shared();

    private static MotoServer moto;

    @BeforeAll
    static void startMoto() throws Exception {
        moto = MotoServer.start(RotationTest.class);
        moto.serveThisJvm();
        MotoRotation.allow(moto);
    }

    @AfterAll
    static void stopMoto() {
        if (moto != null) {
            moto.close();
        }
    }

    @Override
    Connection superuser() throws SQLException {
        return POSTGRES.connect("postgres");
    }

    @Override
    int port() {
        return POSTGRES.port();
    }

    @Override
    MotoServer moto() {
        return moto;
    }
}
