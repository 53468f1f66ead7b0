/** Dropzone's own files on jsDelivr. */
import { OptionError } from '../sansio/option-error.ts'

/** The version inside `dropgate.js`. */
export const BUNDLED_VERSION = '6.3.5'

/** Hashes of the files of the versions that are tried with this package: the script's, then the stylesheet's. */
export const knownIntegrity: Readonly<Record<string, readonly [js: string, css: string]>> = {
  '5.9.3': [
    'sha384-PwiT+fWTPpIySx6DrH1FKraKo+LvVpOClsjx0TSdMYTKi7BR1hR149f4VHLUUnfA',
    'sha384-hKRH7ZmTc4+t+iae668SDRfEsjc7HT3VrEMKuSwiDUK4pNQXd/v9BPVpIa0OLlp7',
  ],
  '6.3.5': [
    'sha384-wHTterC8uaPhGVKg8kmSlqcmI8CCFkOI+Mn51O3udobTBX0vQLs6a18vJqh0AnW3',
    'sha384-asD8pW//1IYJd67ZZn/Eyo31U/YtixrhsNyn90jnZTEIgTpYfE2mkwGYVWHwg2vD',
  ],
  '7.4.4': [
    'sha384-KuYrbwSTsGkAyynLesrM+3y6DUeBr/DUn0E2bD39+XDHoQec9ODRLj+GQTP0O3Cj',
    'sha384-+ebX1iB1S7fKaAdnV+1ZnxjpbHvRgANs69wy6lbPLQKKO5GPm+ZLL0Wyyur2czvo',
  ],
}

/** A file elsewhere, and its hash where it is known. */
export interface CdnFile {
  readonly url: string
  readonly integrity?: string
}

/**
 * Where a version of Dropzone lies. 5.x keeps its files in `dist/min/`, later ones do not; 7.x is published as
 * `@deltablot/dropzone`.
 *
 * @throws OptionError for what is no version from 5 on
 * @example cdnFiles('6.3.5', 'loadJs().version').js.url // 'https://cdn.jsdelivr.net/npm/dropzone@6.3.5/dist/dropzone-min.js'
 */
export function cdnFiles(version: string, option: string): { readonly js: CdnFile; readonly css: CdnFile } {
  const major = Number(/^(\d+)\.\d+\.\d+(?:-[\w.-]+)?$/.exec(version)?.[1])
  if (!(major >= 5))
    throw new OptionError(option, version, `a version of Dropzone from 5 on, such as "${BUNDLED_VERSION}"`)
  const base = `https://cdn.jsdelivr.net/npm/${major === 7 ? '@deltablot/dropzone' : 'dropzone'}@${version}/dist/`
  const [js, css] = major === 5 ? ['min/dropzone.min.js', 'min/dropzone.min.css'] : ['dropzone-min.js', 'dropzone.css']
  const hashes = knownIntegrity[version]
  return {
    js: { url: base + js, ...(hashes && { integrity: hashes[0] }) },
    css: { url: base + css, ...(hashes && { integrity: hashes[1] }) },
  }
}
