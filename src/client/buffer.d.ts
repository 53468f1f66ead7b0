/** tus-js-client's types name it, for Node; browsers have none. */
type Buffer = Uint8Array
