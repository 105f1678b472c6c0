package dbmigrate.credentials;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dbmigrate.testing.InstalledPostgres;
import dbmigrate.testing.MotoRotation;
import dbmigrate.testing.MotoServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The same on Debian's PostgreSQL 15, where CREATEROLE may do more; it logs each statement. */
@Tag("installed")
@Timeout(180)
class InstalledRotationTest extends RotationContract {
    private static InstalledPostgres server;
    private static MotoServer moto;

    @BeforeAll
    static void start() throws Exception {
        if (!InstalledPostgres.isInstalled()) {
            System.out.println("InstalledRotationTest is left out: " + InstalledPostgres.missing());
        }
        assumeTrue(InstalledPostgres.isInstalled(), InstalledPostgres.missing());
        moto = MotoServer.start(InstalledRotationTest.class);
        moto.serveThisJvm();
        MotoRotation.allow(moto);
        server = InstalledPostgres.start();
        server.stopImmediately();
        server.startAgain("log_statement=all");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (moto != null) {
            moto.close();
        }
    }

    @Test
    void serversLogHoldsNoPassword() throws Exception {
        at.execute("select 'from here on'");
        at.rotate();
        at.alternating();
        at.rotate();
        String log = Files.readString(server.data().resolveSibling("log"));
        assertTrue(log.contains("PASSWORD 'SCRAM-SHA-256$"), log);
        at.assertHoldsNoPassword(log.substring(log.indexOf("from here on")));
    }

    /** 28000 as well, which is no word about the password. */
    @Test
    void serverThatLetsNobodyInFromHereIsNoWrongPassword() throws Exception {
        String token = at.rotation.begin();
        at.take("createSecret", token);
        Path rules = server.data().resolve("pg_hba.conf");
        String before = Files.readString(rules);
        try {
            Files.writeString(rules, "host all \"%s\" all reject%n%s".formatted(at.user, before));
            server.stopImmediately();
            server.startAgain("log_statement=all");
            String said = at.refusal("setSecret", token);
            assertTrue(said.contains("pg_hba.conf"), said);
            assertFalse(said.contains("neither the current nor the previous"), said);
        } finally {
            Files.writeString(rules, before);
            server.stopImmediately();
            server.startAgain("log_statement=all");
        }
        for (String step : RotationFixture.STEPS) {
            at.take(step, token);
        }
        assertTrue(at.logsIn("AWSCURRENT"));
    }

    @Override
    Connection superuser() throws SQLException {
        return server.connect("postgres");
    }

    @Override
    int port() {
        return server.port();
    }

    @Override
    MotoServer moto() {
        return moto;
    }
}
