/**
 * Express's own types where they are installed, Node's where they are not: this door must compile for everybody.
 * TypeScript cannot infer them from the route, because `app.post` is generic itself and its parameters are still open
 * when the handler is looked at. The comments below suppress "cannot find module" in the declarations as well, where
 * the type is then `any`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

// biome-ignore lint/suspicious/noTsIgnore: there is no error where Express's types are installed
/** @ts-ignore Express's types are optional */
type InstalledRequest = import('express').Request

// biome-ignore lint/suspicious/noTsIgnore: there is no error where Express's types are installed
/** @ts-ignore Express's types are optional */
type InstalledResponse = import('express').Response

// In tuples, because a conditional type over an unresolved type is itself unresolved.
type IfKnown<T, Otherwise> = [0] extends [1 & T] ? Otherwise : T

/** Express's `Request`; Node's without Express's types. */
export type ExpressRequest = IfKnown<InstalledRequest, IncomingMessage>

/** Express's `Response`; Node's without Express's types. */
export type ExpressResponse = IfKnown<InstalledResponse, ServerResponse>
