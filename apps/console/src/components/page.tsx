import { ArrowLeftOutlined } from '@ant-design/icons';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'react-router';

interface PageProps {
  title: string;
  lead?: ReactNode;
  back?: { to: string; label: string };
  /** Beside the title, such as a status. */
  mark?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}

/** A page's head and body. The heading takes the focus on arrival, so that a screen reader says where one is. */
export function Page({ title, lead, back, mark, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = `${title} · Parley`;
  }, [title]);
  return (
    <>
      <div className="page-head">
        <div className="grow">
          {back && (
            <Link to={back.to} className="crumb">
              <ArrowLeftOutlined aria-hidden /> {back.label}
            </Link>
          )}
          <div className="row">
            <h1 ref={heading} tabIndex={-1}>
              {title}
            </h1>
            {mark}
          </div>
          {lead && <p>{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </>
  );
}

interface PanelProps {
  title?: ReactNode;
  hint?: ReactNode;
  extra?: ReactNode;
  /** Lets a table or list reach the card's edge. */
  flush?: boolean;
  children: ReactNode;
  className?: string;
}

/** A card with a heading. */
export function Panel({ title, hint, extra, flush, children, className = '' }: PanelProps) {
  return (
    <section className={`card ${flush ? 'flush' : ''} ${className}`}>
      {(title || extra) && (
        <div className="card-head">
          <div>
            {title && <h2>{title}</h2>}
            {hint && <p>{hint}</p>}
          </div>
          {extra && <div className="row">{extra}</div>}
        </div>
      )}
      <div className="card-body">{children}</div>
    </section>
  );
}
