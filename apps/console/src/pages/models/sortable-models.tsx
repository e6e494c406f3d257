import { CloseOutlined, HolderOutlined } from '@ant-design/icons';
import {
  type Announcements,
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { Button } from 'antd';
import type { ModelEntry } from '../../api/types.ts';
import { Badge, Status } from '../../components/status.tsx';
import { useFormat } from '../../i18n/format.ts';
import { texts } from '../../i18n/texts.ts';
import { useModelHealth } from './health.ts';

const useText = texts({
  move: [(id: string) => `Move ${id}`, (id: string) => `移动 ${id}`],
  remove: [(id: string) => `Take ${id} out of the chain`, (id: string) => `将 ${id} 移出`],
  first: ['answers first', '首选'],
  unknown: ['is not configured', '未配置'],
  picked: [(id: string) => `${id} is picked up.`, (id: string) => `已选中 ${id}。`],
  over: [
    (id: string, place: number) => `${id} is at place ${place}.`,
    (id: string, place: number) => `${id} 位于第 ${place} 位。`,
  ],
  dropped: [
    (id: string, place: number) => `${id} was put at place ${place}.`,
    (id: string, place: number) => `${id} 已放到第 ${place} 位。`,
  ],
  cancelled: [(id: string) => `${id} went back.`, (id: string) => `${id} 已放回原位。`],
  help: [
    'Press Space to pick up, arrow keys to move, Space to put down, Escape to cancel.',
    '按空格选中，方向键移动，再按空格放下，Esc 取消。',
  ],
  none: ['No model yet: nothing can be answered.', '还没有模型，无法回答。'],
});

interface Props {
  order: readonly string[];
  models: readonly ModelEntry[];
  onChange: (order: string[]) => void;
  disabled: boolean;
}

/** A list sorted by pointer, touch or keyboard; each move is told to screen readers. */
export function SortableModels({ order, models, onChange, disabled }: Props) {
  const t = useText();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const place = (id: string | number | undefined) => order.indexOf(String(id)) + 1;
  const announcements: Announcements = {
    onDragStart: ({ active }) => t.picked(String(active.id)),
    onDragOver: ({ active, over }) => t.over(String(active.id), place(over?.id)),
    onDragEnd: ({ active, over }) => t.dropped(String(active.id), place(over?.id)),
    onDragCancel: ({ active }) => t.cancelled(String(active.id)),
  };
  const end = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onChange(arrayMove([...order], place(active.id) - 1, place(over.id) - 1));
  };
  if (order.length === 0) return <p className="muted">{t.none}</p>;
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={end}
      accessibility={{ announcements, screenReaderInstructions: { draggable: t.help } }}
    >
      <SortableContext items={[...order]} strategy={verticalListSortingStrategy} disabled={disabled}>
        <ol className="stack tight">
          {order.map((id, index) => (
            <SortableModel
              key={id}
              id={id}
              index={index}
              entry={models.find((model) => model.id === id)}
              disabled={disabled}
              remove={() => onChange(order.filter((other) => other !== id))}
            />
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

interface ItemProps {
  id: string;
  index: number;
  entry: ModelEntry | undefined;
  disabled: boolean;
  remove: () => void;
}

function SortableModel({ id, index, entry, disabled, remove }: ItemProps) {
  const t = useText();
  const format = useFormat();
  const health = useModelHealth();
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, transition, isDragging } = useSortable({
    id,
  });
  const state = entry && health(entry.status);
  return (
    <li
      ref={setNodeRef}
      className="card row nowrap"
      style={{
        padding: '8px 12px',
        gap: 12,
        transform: transform ? `translate3d(0, ${Math.round(transform.y)}px, 0)` : undefined,
        transition,
        zIndex: isDragging ? 2 : undefined,
        position: 'relative',
      }}
    >
      {!disabled && (
        <Button
          ref={setActivatorNodeRef}
          type="text"
          size="small"
          icon={<HolderOutlined aria-hidden />}
          style={{ cursor: 'grab', touchAction: 'none' }}
          {...attributes}
          {...listeners}
          aria-label={t.move(id)}
        />
      )}
      <Badge tone={index === 0 ? 'accent' : 'plain'}>{index + 1}</Badge>
      <span className="grow">
        {id} {index === 0 && <span className="muted small">{t.first}</span>}
      </span>
      <span className="muted small num">{state ? format.ms(state.ttftMs) : ''}</span>
      <Status tone={state?.tone ?? 'bad'}>{state?.label ?? t.unknown}</Status>
      {!disabled && (
        <Button
          type="text"
          size="small"
          icon={<CloseOutlined aria-hidden />}
          aria-label={t.remove(id)}
          onClick={remove}
        />
      )}
    </li>
  );
}
