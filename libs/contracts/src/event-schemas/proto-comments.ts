import type { DescEnum, DescEnumValue, DescField, DescFile, DescMessage } from '@bufbuild/protobuf';

/** What can have a comment that a reader of a schema wants. */
type Described = DescMessage | DescField | DescEnum | DescEnumValue;

/** Field numbers of descriptor.proto, of which the path to a declaration is made. */
const inFile = { message: 4, enum: 5 };
const inMessage = { field: 2, nested: 3, enum: 4 };
const inEnum = { value: 2 };

/** The comment that stands before a declaration in its `.proto` file, on one line; '' when there is none. */
export function commentOf(desc: Described): string {
  const path = pathOf(desc).join('.');
  const location = fileOf(desc).proto.sourceCodeInfo?.location.find((each) => each.path.join('.') === path);
  return (location?.leadingComments ?? '').replaceAll(/\s+/g, ' ').trim();
}

function fileOf(desc: Described): DescFile {
  return 'file' in desc ? desc.file : desc.parent.file;
}

function pathOf(desc: Described): number[] {
  switch (desc.kind) {
    case 'field':
      return [...pathOf(desc.parent), inMessage.field, desc.parent.proto.field.indexOf(desc.proto)];
    case 'enum_value':
      return [...pathOf(desc.parent), inEnum.value, desc.parent.proto.value.indexOf(desc.proto)];
    case 'message':
      return desc.parent === undefined
        ? [inFile.message, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), inMessage.nested, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case 'enum':
      return desc.parent === undefined
        ? [inFile.enum, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), inMessage.enum, desc.parent.proto.enumType.indexOf(desc.proto)];
  }
}
