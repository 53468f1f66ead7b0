/** What may come in, said once: read at start-up, checked by the pipeline, described on the page. */
export { essenceOf, isAccepted } from './accept.ts'
export { checkCount, checkDeclared, checkSize, checkTotal, type DeclaredFile, type MeasuredFile } from './check.ts'
export { checkContent, inspectsContent } from './content.ts'
export { definePolicy, type Policy, type PolicyOptions, policyDefaults } from './define.ts'
export { describePolicy, type PolicyDescription } from './describe.ts'
