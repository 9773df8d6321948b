/** Finds every text of one protobuf message by its descriptor, without building the message. */

import { continueText } from "./continued-text.ts";
import type { Gathering } from "./gathering.ts";
import type { OpenLane } from "./lanes.ts";
import { type Ahead, entryKey, lookAhead, nothingAhead } from "./look-ahead.ts";
import { emptyPlan, type FieldPlan, fieldOf, type MessagePlan, type PlanOf, wireTypes } from "./plan.ts";
import { scanRuns } from "./runs.ts";
import { type BytesShowing, below, type Piece, type Scan, type ScanContext, type Showing, type Spot } from "./scan.ts";
import { Scope } from "./scope.ts";
import type { Stretch, TextStretch } from "./stretch.ts";
import { scanElement, scanRawTensor, scanTfContent, scanTfString, type TensorPlace } from "./tensor-scan.ts";
import { scanUnknown } from "./unknown.ts";
import { isWritten, utf8Text } from "./utf8.ts";
import { tagNumber, Unreadable, WireCursor } from "./wire.ts";

/** Messages within messages: the limit of protobuf's own parsers (protobuf.dev, "Proto limits"). */
const mostDepth = 100;
/** Fields of one message, those of all messages in it counted. */
const mostFields = 1_000_000;

const plainly: Showing = {};
const asNumber: Showing = { form: "value-number" };

/** Scans one message. Every method throws Unreadable for what is not a message of its type. */
export class Scanner implements Scan {
  readonly bytes: Buffer;
  readonly planOf: PlanOf;
  readonly stretches: Stretch[] = [];
  readonly places: TextStretch[] = [];
  readonly #cursor: WireCursor;
  readonly #found: Gathering;
  readonly #context: ScanContext;
  #path: (string | number)[] = [];
  #fields = 0;
  /** Where the tag of the field at hand begins. */
  #fieldAt = 0;
  #ahead: Ahead = nothingAhead;
  /** The map whose entry is read. */
  #map = "";
  /** The tensor whose contents are read. */
  #tensor: TensorPlace | undefined;
  /** Whether unknown fields are not accepted: an attempt is under way. */
  #strict = false;

  constructor(bytes: Buffer, found: Gathering, context: ScanContext) {
    this.bytes = bytes;
    this.planOf = context.planOf;
    this.#cursor = new WireCursor(bytes);
    this.#found = found;
    this.#context = context;
  }

  /** Whether there is nothing in the message but its texts and what they are in. */
  get onlyTexts(): boolean {
    return this.#fields === this.stretches.length + this.places.length;
  }

  /** Reads all bytes as one message. */
  root(plan: MessagePlan): void {
    this.#message(plan, this.bytes.length, { stretch: undefined, lane: "", steady: true, depth: 0 }, 0);
  }

  at(path: readonly (string | number)[], step: () => void): void {
    const before = this.#path;
    this.#path = [...path];
    step();
    this.#path = before;
  }

  blur(): void {
    this.#found.blur();
  }

  text(piece: Piece, spot: Spot, showing: BytesShowing = plainly): void {
    const { open } = showing;
    if (open !== undefined) {
      const { text, moved } = continueText(open, this.bytes.subarray(piece.start, piece.end), this.#found.final);
      if (text === undefined) this.#found.blind();
      else this.#show(text, piece, spot, { ...showing, moved });
      return;
    }
    const text = utf8Text(this.bytes, piece.start, piece.end);
    if (text === undefined) scanRuns(this, piece, spot, showing);
    else this.#show(text, piece, spot, showing);
  }

  stretch(piece: Piece, { stretch }: Spot): Stretch {
    const { lengthForm, lengthAt, lengthEnd, start, end } = piece;
    const made: Stretch = { parent: stretch, lengthForm, lengthAt, lengthEnd, start, end, growth: 0 };
    this.stretches.push(made);
    return made;
  }

  inside(plan: MessagePlan, piece: Piece, spot: Spot): void {
    const stretch = this.stretch(piece, spot);
    this.#cursor.at = piece.start;
    this.#message(plan, piece.end, { stretch, lane: spot.lane, steady: spot.steady, depth: spot.depth + 1 }, 0);
    this.#cursor.at = piece.end;
  }

  attempt(step: () => void): boolean {
    const before = { mark: this.#found.mark(), stretches: this.stretches.length, places: this.places.length };
    const { at } = this.#cursor;
    const path = this.#path;
    const depth = path.length;
    this.#strict = true;
    try {
      step();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Unreadable)) throw thrown;
      this.#found.reset(before.mark);
      this.stretches.length = before.stretches;
      this.places.length = before.places;
      this.#path = path;
      this.#path.length = depth;
      this.#cursor.at = at;
      return false;
    } finally {
      this.#strict = false;
    }
  }

  /** A message up to `end`, or up to the end of the group that has this tag. */
  #message(plan: MessagePlan, end: number, spot: Spot, groupEnd: number): void {
    if (spot.depth > mostDepth) throw new Unreadable();
    if (plan.form === "plain" || plan.form === "json" || plan.form === "wkt-text") {
      this.#fieldsOf(plan, end, spot, groupEnd);
      return;
    }
    // A group's end is not known before it is read.
    if (groupEnd !== 0) throw new Unreadable();
    const outer = this.#ahead;
    this.#ahead = lookAhead(
      plan,
      { bytes: this.bytes, start: this.#cursor.at, end, path: this.#path, lane: spot.lane },
      this.#found,
      this.#context,
    );
    this.#fieldsOf(plan, end, spot, groupEnd);
    this.#ahead = outer;
  }

  #fieldsOf(plan: MessagePlan, end: number, spot: Spot, groupEnd: number): void {
    const cursor = this.#cursor;
    const scope = new Scope();
    while (cursor.at < end) {
      if (++this.#fields > mostFields) throw new Unreadable();
      this.#fieldAt = cursor.at;
      const tag = cursor.small(end);
      if (tag === groupEnd && groupEnd !== 0) return;
      const field = fieldOf(plan, tagNumber(tag));
      const wire = tag & 7;
      if (field === undefined) this.#unknown(tag, end, spot);
      else if (wire === field.wire) this.#field(field, end, spot, scope);
      else if (wire === wireTypes.delimited && field.shape === "number" && field.repeated) this.#packedNumbers(field, end);
      else throw new Unreadable();
    }
    if (cursor.at !== end || groupEnd !== 0) throw new Unreadable();
  }

  #field(field: FieldPlan, end: number, spot: Spot, scope: Scope): void {
    const path = this.#path;
    const depth = path.length;
    switch (field.shape) {
      case "number":
        this.#number(field, end);
        return;
      case "text":
        this.#textField(field, end, this.#enter(field, spot, scope));
        break;
      case "bytes":
        this.#bytesField(field, this.#piece(end), this.#enter(field, spot, scope));
        break;
      case "message":
        if (field.message !== undefined) this.inside(field.message, this.#piece(end), this.#enter(field, spot, scope));
        break;
      case "group":
        this.#group(field, end, this.#enter(field, spot, scope));
        break;
      case "map":
        this.#entry(field, this.#piece(end), spot, scope);
        break;
      case "map-key":
        this.#mapKey(end, spot);
        break;
      case "value-number":
        this.#valueNumber(end, spot);
        break;
      case "any-value":
        this.#anyValue(this.#piece(end), spot);
        break;
      case "tensor":
        this.#tensorMessage(field, end, spot, scope);
        break;
      case "raw-tensor":
        this.#rawTensor(field, end, spot, scope);
        break;
      case "element":
        this.#element(field, end, spot, scope);
        break;
      case "tf-strings":
        scanTfString(this, this.#piece(end), this.#enter(field, spot, scope));
        break;
      case "tf-content":
        this.#tfContent(field, end, spot, scope);
        break;
    }
    path.length = depth;
  }

  /** Adds a field to the path; gives the spot at it. */
  #enter(field: FieldPlan, spot: Spot, scope: Scope): Spot {
    let { lane, steady } = spot;
    if (field.transparent) steady = false;
    else {
      this.#path.push(field.name);
      lane = below(lane, field.name);
    }
    if (field.repeated) {
      const index = scope.index(field.order);
      this.#path.push(index);
      lane = below(lane, index);
    } else if (scope.again(field)) {
      lane += `~${this.#fields}`;
      steady = false;
    }
    return { stretch: spot.stretch, lane, steady, depth: spot.depth };
  }

  /** A delimited value: reads its length and stands behind it. */
  #piece(end: number): Piece {
    const cursor = this.#cursor;
    const lengthAt = cursor.at;
    const stop = cursor.delimited(end);
    const start = cursor.at;
    cursor.at = stop;
    return { lengthForm: "varint", lengthAt, lengthEnd: start, start, end: stop };
  }

  #show(text: string, piece: Piece, { stretch, lane }: Spot, showing: Showing): void {
    const { form = "utf8", map, tensor = false, path, open, moved = false } = showing;
    const { lengthForm, lengthAt, lengthEnd, start, end } = piece;
    this.places.push({ parent: stretch, lengthForm, lengthAt, lengthEnd, start, end, form, text: moved ? undefined : text, map });
    this.#found.add({
      text,
      path: path ?? this.#path.slice(),
      named: open ?? this.#context.lanes.own(lane),
      keyed: map === undefined,
      tensor,
    });
  }

  #number(field: FieldPlan, end: number): void {
    if (field.role === undefined) this.#cursor.skipNumber(field.wire, end);
    else if (field.role === "token-ids") {
      this.#cursor.skipNumber(field.wire, end);
      this.#found.blind();
    } else this.#found.number(field.role, this.#cursor.varint(end));
  }

  #packedNumbers(field: FieldPlan, end: number): void {
    const { at } = this.#cursor;
    this.#cursor.skipPacked(field.wire, end);
    // One byte is the length of an empty list.
    if (field.role === "token-ids" && this.#cursor.at > at + 1) this.#found.blind();
  }

  #textField(field: FieldPlan, end: number, spot: Spot): void {
    const piece = this.#piece(end);
    const text = utf8Text(this.bytes, piece.start, piece.end);
    if (text === undefined) throw new Unreadable();
    if (field.role !== undefined && this.#textRole(field, text, spot)) return;
    this.#show(text, piece, spot, field.joined ? { open: this.#joined(spot) } : plainly);
  }

  /** Takes note of what a text says; whether it need not be shown. */
  #textRole(field: FieldPlan, text: string, { lane, depth }: Spot): boolean {
    if (field.role === "model" || (field.role === "root-model" && depth === 0)) this.#found.model(text);
    if (field.role === "failure" && text !== "") this.#found.failed = true;
    if (field.role !== "identity") return false;
    const passes = this.#context.passes(lane, text);
    this.#found.identities.push({ name: lane, text, span: passes ? undefined : this.#found.spans.length });
    return passes;
  }

  /** The lane of a joined field; undefined where its path may differ from message to message. */
  #joined({ lane, steady }: Spot): OpenLane | undefined {
    const { lanes } = this.#context;
    return steady && lanes.streaming ? lanes.joined(lane, { group: "", path: this.#path, tensor: undefined }) : undefined;
  }

  #bytesField(field: FieldPlan, piece: Piece, spot: Spot): void {
    this.text(piece, spot, field.joined ? { open: this.#joined(spot) } : plainly);
  }

  #group(field: FieldPlan, end: number, spot: Spot): void {
    if (field.message === undefined) throw new Unreadable();
    this.#message(field.message, end, { ...spot, depth: spot.depth + 1 }, field.number * 8 + wireTypes.groupEnd);
  }

  #entry(field: FieldPlan, piece: Piece, spot: Spot, scope: Scope): void {
    if (field.message === undefined) throw new Unreadable();
    const key = entryKey(this.bytes, piece, field.message);
    this.#path.push(field.name, key);
    const again = scope.keyAgain(field, key) ? `~${this.#fields}` : "";
    if (field.transparent) this.#path.splice(-2, 1);
    const lane = below(field.transparent ? spot.lane : below(spot.lane, field.name), key) + again;
    const outer = this.#map;
    this.#map = `${spot.lane}.${field.name}`;
    this.inside(field.message, piece, { stretch: spot.stretch, lane, steady: false, depth: spot.depth });
    this.#map = outer;
  }

  #mapKey(end: number, spot: Spot): void {
    const piece = this.#piece(end);
    const text = utf8Text(this.bytes, piece.start, piece.end);
    if (text === undefined) throw new Unreadable();
    this.#show(text, piece, { ...spot, lane: `${spot.lane}#key` }, { map: this.#map });
  }

  /** A number in JSON's own data model may be an account's or a card's, and JSON can write a label in its place. */
  #valueNumber(end: number, spot: Spot): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    cursor.skipNumber(wireTypes.fixed64, end);
    const piece: Piece = { lengthForm: "none", lengthAt: this.#fieldAt, lengthEnd: start, start, end: cursor.at };
    this.#show(String(this.bytes.readDoubleLE(start)), piece, spot, asNumber);
  }

  #anyValue(piece: Piece, spot: Spot): void {
    const plan = this.#ahead.packed;
    if (plan === undefined) this.#foreign(piece, { ...spot, lane: below(spot.lane, "value") }, "value");
    else this.inside(plan, piece, { ...spot, steady: false });
  }

  #tensorMessage(field: FieldPlan, end: number, spot: Spot, scope: Scope): void {
    const { tensors } = this.#ahead;
    const index = scope.index(field.order);
    const piece = this.#piece(end);
    if (field.message === undefined || tensors === undefined) throw new Unreadable();
    this.#tensor = tensors.place(index);
    this.#path.push(field.name, index);
    this.inside(field.message, piece, { ...spot, lane: below(below(spot.lane, field.name), index) });
    this.#tensor = undefined;
  }

  #rawTensor(field: FieldPlan, end: number, spot: Spot, scope: Scope): void {
    const index = scope.index(field.order);
    const raw = this.#ahead.tensors?.raw(index);
    if (raw === undefined) throw new Unreadable();
    const piece = this.#piece(end);
    if (raw.kind === "text") scanRawTensor(this, raw.place, { ...spot, stretch: this.stretch(piece, spot) });
    if (raw.kind !== "unknown" && !(raw.kind === "octets" && isWritten(this.bytes, piece.start, piece.end))) return;
    this.#path.push(field.name, index);
    this.text(piece, { ...spot, lane: below(below(spot.lane, field.name), index) });
  }

  #element(field: FieldPlan, end: number, spot: Spot, scope: Scope): void {
    const tensor = this.#tensor;
    if (tensor === undefined) this.#bytesField(field, this.#piece(end), this.#enter(field, spot, scope));
    else scanElement(this, tensor, scope.index(field.order), { piece: this.#piece(end), spot });
  }

  #tfContent(field: FieldPlan, end: number, spot: Spot, scope: Scope): void {
    const inner = this.#enter(field, spot, scope);
    const stretch = this.stretch(this.#piece(end), spot);
    if (this.#ahead.tf !== undefined) scanTfContent(this, this.#ahead.tf, this.#path, { ...inner, stretch });
  }

  #unknown(tag: number, end: number, spot: Spot): void {
    if (this.#strict) throw new Unreadable();
    const wire = tag & 7;
    const number = tagNumber(tag);
    if (wire === wireTypes.groupStart) this.#unknownGroup(number, end, spot);
    else if (wire === wireTypes.delimited)
      this.#foreign(this.#piece(end), { ...spot, lane: below(spot.lane, `#${number}.${this.#fields}`) }, `#${number}`);
    else this.#cursor.skipNumber(wire, end);
  }

  #foreign(piece: Piece, spot: Spot, part: string): void {
    if (this.#strict) throw new Unreadable();
    scanUnknown(this, piece, spot, [...this.#path, part]);
  }

  #unknownGroup(number: number, end: number, spot: Spot): void {
    const lane = below(spot.lane, `#${number}.${this.#fields}`);
    this.#path.push(`#${number}`);
    this.#message(emptyPlan, end, { ...spot, lane, steady: false, depth: spot.depth + 1 }, number * 8 + wireTypes.groupEnd);
    this.#path.pop();
  }
}
