/** The schema as the database itself tells it, in a stable order: what is committed as `src/store/schema.sql` and compared. */

import type { TestDatabase } from "./database.ts";

const tables = `
SELECT format(E'CREATE TABLE weir.%I (\\n%s\\n)%s;', c.relname,
  (SELECT string_agg(format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
      CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END,
      coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '')), E',\\n' ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  CASE WHEN c.relkind = 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) ELSE '' END)
FROM pg_class c WHERE c.relnamespace = 'weir'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY c.relname`;

/** NOT NULL stands with the columns. */
const constraints = `
SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s;', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
WHERE connamespace = 'weir'::regnamespace AND contype <> 'n' AND NOT c.relispartition ORDER BY conrelid::regclass::text, conname`;

const indexes = `
SELECT pg_get_indexdef(i.indexrelid) || ';'
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE c.relnamespace = 'weir'::regnamespace AND NOT c.relispartition AND NOT i.indisprimary ORDER BY c.relname`;

const functions = `
SELECT rtrim(pg_get_functiondef(oid), E'\\n') || ';' FROM pg_proc WHERE pronamespace = 'weir'::regnamespace ORDER BY proname`;

const grants = `
SELECT format('GRANT %s ON %s TO %s;', string_agg(privilege, ', ' ORDER BY privilege), name, grantee::regrole) FROM (
  SELECT a.privilege_type AS privilege, 'TABLE ' || c.oid::regclass AS name, a.grantee, c.relowner AS owner
  FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'weir'::regnamespace AND NOT c.relispartition
  UNION ALL
  SELECT a.privilege_type, 'FUNCTION ' || p.oid::regprocedure, a.grantee, p.proowner
  FROM pg_proc p, aclexplode(p.proacl) a WHERE p.pronamespace = 'weir'::regnamespace
  UNION ALL
  SELECT a.privilege_type, 'SCHEMA ' || n.nspname, a.grantee, n.nspowner FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'weir'
) granted WHERE grantee <> owner GROUP BY name, grantee ORDER BY grantee::regrole::text, name`;

/** Every table, constraint, index, function and grant of the schema `weir` as SQL text. Partitions are data, and left out. */
export const describeSchema = async (database: TestDatabase): Promise<string> => {
  const parts: string[] = ["-- What the migrations make: written by test/postgres/migrate.test.ts, never edited."];
  for (const sql of [tables, constraints, indexes, functions, grants]) {
    const { rows } = await database.query(sql);
    parts.push(...rows.map((row: Record<string, unknown>) => String(Object.values(row)[0])));
  }
  return `${parts.join("\n\n")}\n`;
};
