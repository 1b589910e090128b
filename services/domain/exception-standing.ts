/** What somebody is to an exception, themselves or in the place of who is away; what they may do is judged again when they do it. */
export interface ExceptionStanding {
  readonly approver: boolean;
  readonly owner: boolean;
  readonly controlOwner: boolean;
}
