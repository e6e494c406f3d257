/** The sign with the name beside it. */
export function Logo() {
  return (
    <span className="row nowrap" style={{ fontSize: 18, fontWeight: 650, letterSpacing: '-0.01em' }}>
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden focusable="false">
        <rect width="32" height="32" rx="8" fill="#4655c9" />
        <path d="M8 9.5h10.5a4.5 4.5 0 0 1 0 9H14l-4 3.6v-3.6H8z" fill="#fff" />
        <path
          d="M21.5 14.2A4.5 4.5 0 0 1 24 18.3v5.9l-3-2.6h-4.6"
          fill="none"
          stroke="#fff"
          strokeWidth="2"
          strokeLinejoin="round"
          strokeLinecap="round"
        />
      </svg>
      Parley
    </span>
  );
}
