/** The two ways in which a tablet is held. */
export const sides = {
  landscape: { width: 1024, height: 768 },
  portrait: { width: 768, height: 1024 },
} as const;
