export declare function isTapped(id: string): boolean
export declare function tapped(source: string, id: string): string
