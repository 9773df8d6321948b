/** Addresses and connection strings that hold passwords. */

import { secretValue } from "../detectors/secret-value.ts";
import { type CatalogueEntry, credentials } from "./entry.ts";

// User and password: both are covered, for the user's name is half of the credential. A password may hold any sign but those that end an authority.
const USER_INFO = "(?<secret>[^\\s:@/\"'`<>]{0,100}:(?:[^\\s@/\"'`<>]{3,200}|[^\\s/\"'`<>]{3,100}))";

export const database: readonly CatalogueEntry[] = credentials("database", [
  {
    name: "url-credentials",
    title: "User and password in an address",
    origin: "https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1",
    pattern: `(?<![A-Za-z0-9_+.-])[A-Za-z_][A-Za-z0-9_+.-]{1,30}:(?:[a-z0-9]{2,12}:){0,2}//${USER_INFO}@[A-Za-z0-9\\[_%.$({-]`,
    validator: secretValue("userinfo"),
    positive: ["postgres://«app:s3cr3t-Va1ue»@db.example.com/app", "https://«user:hunter2x»@example.com"],
    negative: ["https://example.com:8080/@user", `postgres://app:\${PASSWORD}@db/app`, "ssh://git@example.com:22/x"],
  },
  {
    name: "connection-string-password",
    title: "Password in an ADO, ODBC or JDBC connection string",
    origin: "https://learn.microsoft.com/en-us/dotnet/framework/data/adonet/connection-string-syntax",
    pattern: "(?<=[;\"'?&\\s])(?:password|pwd)=(?<secret>[^;\"'&\\s]{3,128})(?=[;\"'&\\s]|$)",
    flags: "i",
    validator: secretValue("placed"),
    positive: ["Server=db;User Id=app;Password=«Tr0ubadour»;"],
    negative: ["Server=db;Password={0};", "Server=db;Password=%DB_PASSWORD%;"],
  },
]);
