const BUTTONS_IN_ROW = 3;

/**
 * Buttons beside each other, three in a row at most and rows of like length: Approve, Reject and Delegate, then where to
 * look. Four of them do not fit a phone.
 */
export function buttonRows<Action>(buttons: readonly Action[]) {
  const rows = Math.ceil(buttons.length / BUTTONS_IN_ROW);
  const length = Math.ceil(buttons.length / rows);
  return Array.from({ length: rows }, (_, row) => ({
    type: 'ActionSet' as const,
    spacing: 'small' as const,
    actions: buttons.slice(row * length, (row + 1) * length),
  }));
}
