/** Connections, policies and issuers that are declared while the gateway runs: checked before they are kept, and in force on every replica. */

import type { Also, Transaction } from "../store/index.ts";
import type { Author, DeclaredStore } from "./declared-store.ts";
import { type ObjectKind, type ObjectName, sameObject, type Wish } from "./object.ts";
import { type Change, type OpenObject, outcomeOf, planChanges } from "./plan.ts";
import { DeclarationRefused } from "./refusal.ts";
import { type FileObject, type ShownObject, shownObjects } from "./view.ts";

/** A change as the audit log has it. INVARIANT: `details` holds no secret. */
export interface DeclarationEvent {
  readonly by: Author;
  /** `connection.create`, `policy.update`, `issuer.delete` … */
  readonly action: string;
  readonly object: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface DeclarationsOptions {
  readonly store: DeclaredStore;
  /** What the gateway's own file declares at this moment. */
  readonly ofFile: () => readonly FileObject[];
  /** Makes sure that this gateway could work by its file and these objects. Rejects with {@link DeclarationRefused}. */
  readonly check: (objects: readonly Wish[]) => Promise<void>;
  /** Writes an event in the transaction of the change itself. */
  readonly record: (transaction: Transaction, event: DeclarationEvent) => Promise<void>;
  /** Brings what was written into force here; told once after each change. */
  readonly changed: (by: Author, events: readonly DeclarationEvent[]) => Promise<void> | void;
}

/** A set of objects to declare. */
export interface Application {
  readonly wishes: readonly Wish[];
  /** Deletes every object of the database that is not among them. */
  readonly prune: boolean;
  /** Only says what would become of them. */
  readonly dryRun: boolean;
}

/** Others may change something while a change is checked; whoever finds that as often as this shall hear of it. */
const attempts = 5;

const label = ({ kind, name }: ObjectName): string => `${kind} ${JSON.stringify(name)}`;

const article: Readonly<Record<ObjectKind, string>> = { connection: "a", policy: "a", issuer: "an" };

/** Every replica has all of it in memory, and checks it at every change. */
const mostObjects = 5_000;
const mostBytes = 16 * 1024 * 1024;

const refuseTooMany = (objects: readonly Wish[]): void => {
  if (objects.length > mostObjects) throw new DeclarationRefused("unusable", `The database declares at most ${mostObjects} objects.`);
};

const refuseTooLarge = (objects: readonly Wish[]): void => {
  const bytes = objects.reduce((sum, { document }) => sum + Buffer.byteLength(JSON.stringify(document)), 0);
  if (bytes > mostBytes) throw new DeclarationRefused("unusable", `What the database declares has at most ${mostBytes} bytes, as JSON.`);
};

const refuseTwice = (wishes: readonly Wish[]): void => {
  const twice = wishes.find((wish, index) => wishes.findIndex(sameObject(wish)) < index);
  if (twice !== undefined) throw new DeclarationRefused("unusable", `The ${label(twice)} is given twice.`);
};

const eventOf = (by: Author, change: Change): DeclarationEvent => {
  const { kind, name } = change.action === "delete" ? change.before : change.after;
  const before = change.before?.document;
  const details = change.action === "delete" ? { before } : { before, after: change.after.document, credential: change.credential };
  return { by, action: `${kind}.${change.action}`, object: name, details };
};

export class Declarations {
  readonly #options: DeclarationsOptions;

  constructor(options: DeclarationsOptions) {
    this.#options = options;
  }

  /** Every object of a kind, of the file and of the database, by name. */
  async list(kind: ObjectKind): Promise<readonly ShownObject[]> {
    const { objects } = await this.#options.store.read();
    return shownObjects(kind, this.#options.ofFile(), objects);
  }

  /** Rejects with `missing`. */
  async get(wanted: ObjectName): Promise<ShownObject> {
    const found = (await this.list(wanted.kind)).find(sameObject(wanted));
    if (found === undefined) throw missing(wanted);
    return found;
  }

  /** Declares a set of objects, all of it or nothing. The same set again changes nothing. */
  apply(by: Author, { wishes, prune, dryRun }: Application): Promise<readonly Change[]> {
    return this.#change(by, { dryRun }, (objects) => {
      refuseTooMany(wishes);
      refuseTwice(wishes);
      return planChanges(objects, wishes, prune);
    });
  }

  /** Declares an object that there is not yet. */
  async create(by: Author, wish: Wish): Promise<ShownObject> {
    await this.#change(by, {}, (objects) => {
      if ([...objects, ...this.#options.ofFile()].some(sameObject(wish)))
        throw new DeclarationRefused("exists", `There is ${article[wish.kind]} ${label(wish)} already.`);
      return planChanges(objects, [wish], false);
    });
    return this.get(wish);
  }

  /** Replaces an object. `revision`: the one that the change was made from; empty: whatever it is. */
  async update(by: Author, wish: Wish, revision: string): Promise<ShownObject> {
    await this.#change(by, {}, (objects) => {
      this.#known(objects, wish, revision);
      return planChanges(objects, [wish], false);
    });
    return this.get(wish);
  }

  /** Deletes an object. `revision` as for {@link update}. */
  async remove(by: Author, name: ObjectName, revision: string): Promise<void> {
    await this.#change(by, { refusal: "in-use" }, (objects) => [{ action: "delete", before: this.#known(objects, name, revision) }]);
  }

  #known(objects: readonly OpenObject[], wanted: ObjectName, revision: string): OpenObject {
    if (this.#options.ofFile().some(sameObject(wanted)))
      throw new DeclarationRefused("of-file", `The gateway's file declares the ${label(wanted)}: it is read-only here.`);
    const found = objects.find(sameObject(wanted));
    if (found === undefined) throw missing(wanted);
    if (revision !== "" && revision !== found.revision)
      throw new DeclarationRefused("stale", `The ${label(wanted)} has changed meanwhile: it is at revision ${found.revision}.`);
    return found;
  }

  /** Plans, checks and writes; again from the beginning when somebody else was faster. */
  async #change(
    by: Author,
    { dryRun = false, refusal }: { readonly dryRun?: boolean; readonly refusal?: "in-use" },
    plan: (objects: readonly OpenObject[]) => readonly Change[],
  ): Promise<readonly Change[]> {
    const { store, record, changed } = this.#options;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const { revision, objects: sealed } = await store.read();
      const objects = store.open(sealed);
      const changes = plan(objects);
      const real = changes.filter(({ action }) => action !== "unchanged");
      if (real.length > 0) await this.#check(outcomeOf(objects, changes), refusal);
      if (dryRun || real.length === 0) return changes;
      const events = real.map((change) => eventOf(by, change));
      const also: Also = async (transaction) => {
        for (const event of events) await record(transaction, event);
      };
      if (await store.write(real, by, { revision, also })) {
        await changed(by, events);
        return changes;
      }
    }
    throw new DeclarationRefused("stale", "Others change the configuration at the same time; try again.");
  }

  async #check(outcome: readonly Wish[], refusal: "in-use" | undefined): Promise<void> {
    refuseTooMany(outcome);
    refuseTooLarge(outcome);
    try {
      await this.#options.check(outcome);
    } catch (thrown) {
      throw refusal !== undefined && thrown instanceof DeclarationRefused ? new DeclarationRefused(refusal, thrown.message) : thrown;
    }
  }
}

const missing = (wanted: ObjectName): DeclarationRefused => new DeclarationRefused("missing", `There is no ${label(wanted)}.`);
