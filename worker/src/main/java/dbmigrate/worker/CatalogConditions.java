package dbmigrate.worker;

/** Which rows of the catalogs are users' own. */
final class CatalogConditions {
    private CatalogConditions() {}

    /** Of pg_namespace. */
    static final String USERS = " nspname !~ '^pg_' and nspname <> 'information_schema' ";

    /** Members of extensions come with their extension, what a range brings with the range. */
    static String isNoMember(String catalog, String alias) {
        return """
         not exists (select from pg_depend e
                     where e.classid = '%1$s'::regclass and e.objid = %2$s.oid
                       and (e.deptype = 'e' or e.deptype = 'i' and '%1$s' <> 'pg_class'))
        """
                .formatted(catalog, alias);
    }
}
