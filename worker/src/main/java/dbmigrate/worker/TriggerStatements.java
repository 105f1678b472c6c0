package dbmigrate.worker;

/**
 * Queries for the statements that make what acts on the rows of a table: triggers, rules, policies.
 */
final class TriggerStatements {
    private TriggerStatements() {}

    static final String TRIGGERS =
            """
            select pg_get_triggerdef(t.oid)
            from pg_trigger t join pg_class c on c.oid = tgrelid
            join pg_namespace n on n.oid = relnamespace
            where not tgisinternal and tgparentid = 0 and relpersistence <> 't' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String TRIGGER_STATES =
            """
            select format('alter table %s %s trigger %I', tgrelid::regclass,
                          case tgenabled when 'D' then 'disable' when 'A' then 'enable always'
                                         else 'enable replica' end, tgname)
            from pg_trigger t join pg_class c on c.oid = tgrelid
            join pg_namespace n on n.oid = relnamespace
            where not tgisinternal and tgparentid = 0 and tgenabled <> 'O'
              and relpersistence <> 't' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String RULES =
            """
            select pg_get_ruledef(r.oid)
            from pg_rewrite r join pg_class c on c.oid = ev_class
            join pg_namespace n on n.oid = relnamespace
            where rulename <> '_RETURN' and relpersistence <> 't' and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String POLICIES =
            """
            select format('create policy %I on %s as %s for %s to %s%s%s', polname,
                          polrelid::regclass,
                          case when polpermissive then 'permissive' else 'restrictive' end,
                          case polcmd when 'r' then 'select' when 'a' then 'insert'
                                      when 'w' then 'update' when 'd' then 'delete'
                                      else 'all' end,
                          (select string_agg(case when role = 0 then 'public'
                                                  else role::regrole::text end, ', ')
                           from unnest(polroles) role),
                          coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', ''),
                          coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')',
                                   ''))
            from pg_policy p join pg_class c on c.oid = polrelid
            join pg_namespace n on n.oid = relnamespace
            where
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");

    static final String ROW_SECURITY =
            """
            select format('alter table %s %s row level security', c.oid::regclass, word)
            from pg_class c join pg_namespace n on n.oid = relnamespace
            cross join (values ('enable'), ('force')) as words (word)
            where case word when 'enable' then relrowsecurity else relforcerowsecurity end and
            """
                    + CatalogConditions.USERS
                    + "and "
                    + CatalogConditions.isNoMember("pg_class", "c");
}
