/** What a text is looked at for. Immutable per version of the configuration; one per tenant. */
export interface TenantGuard {
  /** True when it has nothing to do at all: then nobody needs to load a vault. */
  readonly isIdle: boolean;
  readonly dryRun: boolean;
  /**
   * Looks at what a person wrote: keywords first, then injection heuristics, then personal data, which is replaced by
   * placeholders that `vault` remembers. The same value gets the same placeholder within a conversation.
   */
  inspectInput(text: string, vault: MaskVault): InputFinding;
  /** For the model's answer as it streams. One per answer. */
  openOutput(vault: MaskVault): OutputGuard;
  /** For the arguments of a tool call, which are JSON and stay so. One per call. */
  openArguments(vault: MaskVault): OutputGuard;
  /**
   * Looks at what a caller sends beside the question: earlier messages, results of tools. They too reach the model, and a
   * blocked keyword in one of them refuses the question.
   */
  inspectMessage(text: string, vault: MaskVault): Pick<InputFinding, 'verdict' | 'text'>;
  /** Replaces personal data by placeholders, in what is not the question itself; unchanged in a dry run. */
  maskForRest(text: string, vault: MaskVault): string;
}

export interface InputFinding {
  /** `refused`: a blocked keyword, or an injection where the tenant refuses those. Nothing goes to a model. */
  verdict: 'pass' | 'refused';
  /** Why it was refused; a stable name for the timeline, never the text. */
  reason?: 'keyword' | 'injection' | undefined;
  /** What goes to the model: masked, keywords replaced. With `dryRun` the text as it was. */
  text: string;
  /** Hits by detector (`credit_card`, a pattern's name, `block_keyword`, `replace_keyword`, `injection`), also in a dry run. */
  counts: Record<string, number>;
  /** Whether personal data was found: such a question is never answered from the cache. */
  hasPersonalData: boolean;
}

/** Restores placeholders and holds back keywords in an answer, whatever the chunks are. */
export interface OutputGuard {
  /**
   * Takes the next piece; returns what may be shown now. Text that may be the beginning of a placeholder or a keyword is
   * held back until it is clear. The pieces in order with `end`'s make the same text however the stream was split.
   */
  push(text: string): OutputPiece;
  end(): OutputPiece;
  readonly counts: Readonly<Record<string, number>>;
}

export interface OutputPiece {
  /** For the asker: placeholders restored, replaced keywords as `***`. */
  shown: string;
  /** The same with placeholders: for history and transcripts. */
  masked: string;
  /** A blocked keyword came: nothing more is to be shown; the answer is refused. */
  refused: boolean;
}

/** The placeholders of one conversation: which stands for what. */
export interface MaskVault {
  /** The placeholder of a value, a new one if it has none yet. `kind` is upper case: `CREDIT_CARD` → `[CREDIT_CARD_1]`. */
  placeholderFor(kind: string, value: string): string;
  /** The value, or undefined for a placeholder that this conversation does not have. */
  valueOf(placeholder: string): string | undefined;
  /** Whether anything was added since it was loaded. */
  readonly changed: boolean;
  readonly isEmpty: boolean;
  /** For storing (sealed); bounded. */
  toJSON(): VaultData;
}

export interface VaultData {
  v: 1;
  entries: [placeholder: string, value: string][];
}

/** Keeps vaults between turns: sealed, in Redis, as long as the conversation's session. */
export interface VaultStore {
  load(tenant: string, conversation: string): Promise<MaskVault>;
  save(tenant: string, conversation: string, vault: MaskVault, ttlMs: number): Promise<void>;
}
