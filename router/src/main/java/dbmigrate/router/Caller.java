package dbmigrate.router;

import dbmigrate.process.Grants;
import dbmigrate.process.Identity;

/** Who asks, and what they may do. */
record Caller(Identity identity, Grants grants) {
    /** Who asks for the health alone: nobody needs to prove anything for it, or may do anything. */
    static final Caller NOBODY = new Caller(Identity.of("nobody"), Grants.NONE);
}
