/**
 * The functions that make and rotate the database's credentials: a custom resource of
 * CloudFormation, and the rotation of Secrets Manager.
 */
@NullMarked
package dbmigrate.credentials;

import org.jspecify.annotations.NullMarked;
