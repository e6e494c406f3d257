import { Fragment, type ReactNode } from 'react';
import { type Block, type Inline, parseRichText } from './rich-text-parse.ts';

/**
 * What a person or a model wrote, with the little Markdown that chats have. Only React elements are made, never HTML,
 * and only http(s) links can be followed.
 */
export function RichText({ children }: { children: string }) {
  return <div className="rich">{parseRichText(children).map((block, index) => renderBlock(block, index))}</div>;
}

function renderBlock(block: Block, key: number): ReactNode {
  if (block.kind === 'code') {
    return (
      <pre key={key} className="code">
        {block.text}
      </pre>
    );
  }
  if (block.kind === 'list') {
    return (
      <ul key={key}>
        {block.items.map((item, index) => (
          <li key={index}>{renderInline(item)}</li>
        ))}
      </ul>
    );
  }
  return (
    <p key={key} className="pre">
      {renderInline(block.content)}
    </p>
  );
}

function renderInline(parts: readonly Inline[]): ReactNode {
  return parts.map((part, index) => {
    const key = `${index}`;
    if (part.kind === 'bold') return <strong key={key}>{part.text}</strong>;
    if (part.kind === 'code') {
      return (
        <code key={key} className="mono">
          {part.text}
        </code>
      );
    }
    if (part.kind === 'link') {
      return (
        <a key={key} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.text}
        </a>
      );
    }
    return <Fragment key={key}>{part.text}</Fragment>;
  });
}
