/** Builds what browsers load into `folder` (default `dist/assets`); returns the paths. */
export declare function buildClient(folder?: string): Promise<string[]>
