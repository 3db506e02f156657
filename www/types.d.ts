/** Shapes that cross the borders between page, worker and WASM. Their twins in Rust stand in src/wasm.rs.
 *  Every range counts UTF-16 units, half-open. Every count is exact where `exact` is true, else a lower bound. */

/** What the archive's manifest says; `archive/manifest.js` hands it to `fondsShard("manifest", …)`. */
export interface Manifest {
  version: 2;
  /** First 16 hex digits of the container's SHA-256; prefix of every storage key. */
  archive: string;
  title: string;
  lang: string;
  /** Length of the container in bytes. */
  len: number;
  /** Names and lengths of the first shards, in the order in which they stand in the container. */
  shards: [string, number][];
  /** The pages that name the others, each with the place of its first shard in the container. */
  pages: [string, number][];
  /** Where there are several segments: id, length in bytes and first shard of each. Their containers lie one behind the other. */
  segments?: [string, number, string][];
  /** Name of the part that lists what newer segments hide of older ones. */
  hidden?: string | null;
}

/** A page of the manifest: `archive/manifest-NNN-HASH8.js`. */
export interface ManifestPage { archive: string; shards: [string, number][] }

/** What the worker is opened with. */
export interface Setup {
  /** The core, packed. */
  core: Uint8Array;
  manifest: Manifest;
  /** Id of the archive that the page was published with; empty where it is not known. */
  archive: string;
  /** Address of the folder, where spans of its files can be asked for. */
  base: string | null;
  /** Whether its files are on the reader's own disk, where bytes cost nothing. */
  local?: boolean;
  /** Bytes to keep: shards as loaded, and what the core has opened. */
  budget: { shards: number; core: number };
}

/** What the worker holds: bytes of shards, of the core's memory and of what the core has opened; requests made so far. */
export interface Stats {
  held: number;
  /** Bytes asked for that have come since the page opened. */
  brought: number;
  memory: number;
  core: number;
  spans: number;
  shards: number;
  /** Whether the whole core is in use. */
  whole: boolean;
  /** The last requests, oldest first: what was asked for, and for which kind of question; `ms` is null where it was here already. */
  trace: { kind: 'open' | 'search' | 'more' | 'facets' | 'zoom' | 'ahead' | 'post' | 'complete' | 'aside'; shard: string; start: number; len: number; blocks: number; whole: boolean; ms: number | null }[];
}

/** One value chosen or excluded in one facet. Several values of one facet add up, different facets narrow. */
export interface Filter { facet: string; value: string; exclude: boolean }

export type Sort = 'new' | 'old' | 'relevance';

export interface SearchRequest {
  query: string;
  /** True while the reader types: the last word also matches as a prefix. */
  typing: boolean;
  /** True: words are found as they are typed alone, not in their other forms. Absent: in every form. */
  literal?: boolean;
  filters: Filter[];
  /** `2024`, `2024-06` or `2024-06-24`, both inclusive. */
  from: string | null;
  to: string | null;
  sort: Sort;
  offset: number;
  limit: number;
  /** How many values of each facet to list at most. */
  facet_limit: number;
  /** Corrected queries to offer at most where few posts are found; none if absent. They take longer than the hits: ask for them afterwards. */
  suggestions?: number;
  /** Texts that a scan may look at before it answers what it has so far; absent or 0: all of them. */
  scan_limit?: number;
  /** A timeline of this span alone, drawn closer; by hours where it is one day. */
  zoom_from?: string;
  zoom_to?: string;
  /** Absent: all words, and where no post has all, any. */
  matching?: 'all' | 'any';
}

/** A line end in the text is the end of a paragraph. */
export interface Excerpt { text: string; ranges: [number, number][]; /** True where the text goes on before or after. */ cut_start: boolean; cut_end: boolean }

export interface Hit {
  doc: number;
  uid: string;
  kind: string;
  /** As the source gave it (`1963`, `1963-01`, `1963-01-04`, RFC 3339), or null. */
  date: string | null;
  author: string | null;
  channel: string | null;
  forwarded_from: string | null;
  lang: string | null;
  /** Null where the record has no title of its own. */
  title: Excerpt | null;
  snippet: Excerpt;
  tags: string[];
  media: string[];
  /** The path of the first medium that has one; it may be one of the source that is not published. */
  picture: string | null;
  flags: string[];
  /** The group that it stands for, where hits are folded, and how many others of it answer; only the whole core has these. */
  group?: string | null;
  copies?: number;
  /** 0 unless sorted by relevance. */
  score: number;
  /** Why this record's block cannot be read; every text field is empty then. */
  damaged: string | null;
}

export interface FacetCounts {
  name: string;
  /** Sorted by count, then by value; chosen and excluded values are always listed, also with count 0. */
  values: { value: string; count: number; chosen: boolean; excluded: boolean }[];
  /** How many values have a count above zero. */
  num_values: number;
}

export interface Timeline {
  unit: 'year' | 'month' | 'day' | 'hour';
  /** Every bar from the first to the last of the archive's span, also the empty ones; key as `2024`, `2024-06`, `2024-06-24`, `2024-06-24T13`. `total` counts the whole archive. */
  bars: { key: string; count: number; total: number }[];
  /** Hits whose date is coarser than a bar ("sometime in 1963"). */
  coarse: number;
  /** Hits without a date. */
  undated: number;
}
// A timeline counts the hits as if no dates were asked for, so that they can be chosen anew.

export interface SearchPage {
  query: string;
  total: number;
  /** How many of them others stand for: the list is shorter by so many. Only the whole core has this. */
  folded?: number;
  exact: boolean;
  /** True where no post has all the words, and these have at least one. */
  relaxed: boolean;
  /** Texts looked at, and texts to look at, where the query has a scan; until they are equal `exact` is false: ask again. */
  scan: [number, number] | null;
  took_us: number;
  /** The order of the hits: the query's own, that of the request, or `relevance` where `relaxed`; a name of a number, `-` before it for the smallest first. */
  sort: string;
  hits: Hit[];
  facets: FacetCounts[];
  /** Null where no record of the archive has a date. */
  timeline: Timeline | null;
  /** Terms searched for, as folded; the last is a prefix when `prefix` is true. */
  terms: { text: string; prefix: boolean; forms: { text: string; count: number }[] }[];
  /** A part of the query that could not be understood and was searched as plain words; `at` counts UTF-16 units. */
  problem: { at: number; message: string } | null;
  /** Facets or bars left out since parts of the archive are lost: a sentence for each cause. */
  damage: string[];
  /** Queries that may have been meant, with the number of posts that each finds. */
  suggestions: { query: string; total: number }[];
  /** True where the whole core might find more: forms of words never seen in the archive, corrections. */
  wants_more: boolean;
}

export interface Place { lines?: [number, number]; bytes?: [number, number] }

export interface RecordView {
  doc: number;
  uid: string;
  id: string | null;
  kind: string;
  date: string | null;
  author: string | null;
  channel: string | null;
  forwarded_from: { name: string; id: string | null; url: string | null } | null;
  reply_to: string | null;
  thread: string | null;
  album: string | null;
  title: string | null;
  title_ranges: [number, number][];
  text: string;
  /** The query's words as they stand in the text. */
  text_ranges: [number, number][];
  spans: { start: number; end: number; kind: string; href: string | null }[];
  tags: string[];
  mentions: string[];
  links: string[];
  media: { kind: string; name: string | null; size: number | null; duration: number | null; path: string | null }[];
  poll: { question: string; answers: { text: string; votes: number | null }[]; voters: number | null } | null;
  reactions: { emoji: string; count: number }[];
  views: number | null;
  edited: string | null;
  flags: string[];
  dates_mentioned: string[];
  lang: string | null;
  url: string | null;
  source: { file: string; place: Place | null; copies: Place[] };
  /** Other fields of the source; each value is one JSON text. */
  fields: { name: string; value: string }[];
  damaged: string | null;
}

export interface CompleteRequest { query: string; limit: number }

export interface PostRequest { uid: string; query: string; typing: boolean; /** As in the search. */ literal?: boolean; /** Neighbours on each side. */ context: number }

/** The post with its neighbours in archive order (time), oldest first; `index` is the post's place among `posts`. Null when no record has this uid. */
export interface PostView {
  posts: RecordView[];
  index: number;
  /** The group of posts that say the same, if it is in one; only the whole core has this. */
  group?: string | null;
}

export interface ArchiveInfo {
  title: string;
  /** Length of the container in bytes, as the manifest gives it. */
  len: number;
  num_docs: number;
  num_undated: number;
  /** Posts that say the same as an earlier one in another channel. */
  num_folded: number;
  first_date: string | null;
  last_date: string | null;
  time_zone: string;
  /** Of several segments, the sum of theirs. */
  num_terms: number;
  /** Facets in the order in which they divide this archive best. */
  facets: string[];
  /** Numbers by which posts can be narrowed and ordered, as a query names them. */
  numbers: string[];
  /** Those of them that are dates in a field. */
  dates: string[];
  sources: { name: string; size: number; sha256: string; format: string; read: number; merged: number; removed: number; skipped: number }[];
}

/** A part of a text of the owner's: a text, or an element of it. */
export type Prose = string | { tag: string; href?: string; start?: number; children: Prose[] };

/** The part `owner` (src/publish/owner/mod.rs): what the owner says of the archive. */
export interface Owner {
  about?: Prose[];
  licence?: { text: string; url?: string };
  /** Elements of Dublin Core with their values. */
  metadata?: Record<string, string[]>;
  accent?: string;
  lang?: string;
  /** Where the archive is published. */
  address?: string;
}

/** A block that the core needs before it can go on: its place in the container. */
export interface BlockRef { offset: number; len: number }

/** Either blocks are needed, or the whole core (`more`), or the page is there. */
export interface Answer<T> { need: BlockRef[]; page: T | null; more: boolean }

/** The handle that wasm-bindgen exports (src/wasm.rs). Every method may throw an Error whose message is a sentence for the reader. */
export class Explorer {
  /** @param head the bytes of the container's first shard, which holds header and root. */
  constructor(head: Uint8Array);
  info(): Omit<ArchiveInfo, 'len'>;
  search(request: SearchRequest): Answer<SearchPage>;
  post(request: PostRequest): Answer<PostView | null>;
  /** Words that begin as the last one of the query does, with the number of posts of each. */
  complete(query: string, limit: number): Answer<{ text: string; count: number }[]>;
  /** Hands over one block; throws when its checksum is wrong. */
  supply(offset: number, bytes: Uint8Array): void;
  /** Gives a block up: what depends on it is shown as damaged, the rest goes on. `reason` is shown to the reader. */
  lose(offset: number, reason: string): void;
  /** Takes back that a block was given up: it is asked for anew. */
  forget_lost(offset: number): void;
  /** Bytes of opened blocks and lists to keep at most. */
  set_budget(bytes: number): void;
  /** Bytes of what is kept now. */
  loaded_len(): number;
  /** Opens the next segment; only the whole core has this and `hide`. @param head the bytes of its first shard. */
  append(head: Uint8Array): void;
  /** Hides what newer segments have anew. @param list the bytes of the part that the manifest names. */
  hide(list: Uint8Array): void;
  free(): void;
}
