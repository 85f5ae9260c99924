declare const brand: unique symbol;

/** A value that passed the check its name stands for. Only the function that checks makes one. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
