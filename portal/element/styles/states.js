/** States without data, rows that have just changed, and reduced motion. */

export const states = `
.card.alone {
  display: grid;
  justify-items: start;
  gap: 12px;
  max-inline-size: 520px;
  margin: 32px auto;
  padding: 28px;
}
.alone > .icon {
  inline-size: 36px;
  block-size: 36px;
  color: var(--accent);
}
.alone .form,
.alone .outcome {
  inline-size: 100%;
}
.waiting {
  display: grid;
  gap: 14px;
}
.section-failed {
  display: grid;
  justify-items: start;
  gap: 8px;
}
.section-failed > .icon {
  inline-size: 28px;
  block-size: 28px;
  color: var(--bad);
}
/* A row that has just changed lights up for a moment. */
.card {
  transition: box-shadow 0.6s ease;
}
.card.fresh {
  box-shadow: 0 0 0 3px color-mix(in srgb, var(--accent) 55%, transparent);
}
.skeleton {
  border-radius: 10px;
  background: color-mix(in srgb, var(--ink) 8%, transparent);
  animation: breathe 1.6s ease-in-out infinite alternate;
}
.skeleton.title {
  block-size: 44px;
  inline-size: min(320px, 70%);
}
.skeleton.line {
  block-size: 18px;
  inline-size: min(480px, 90%);
}
.skeleton.block {
  block-size: 92px;
}
.skeleton.tall {
  block-size: 220px;
}
.skeleton-grid {
  display: grid;
  grid-template-columns: repeat(3, 1fr);
  gap: 14px;
}
@keyframes breathe {
  from {
    opacity: 0.55;
  }
  to {
    opacity: 1;
  }
}
@media (prefers-reduced-motion: reduce) {
  *,
  *::before,
  *::after {
    animation: none !important;
    transition: none !important;
    scroll-behavior: auto !important;
  }
}
`;
