import { toBinary } from '@bufbuild/protobuf';
import type { DescFile } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { file_parley_gateway_v1_assistant } from './gen/public/parley/gateway/v1/assistant_pb.ts';

/** The descriptors of the public gRPC API and of what it imports, encoded: what server reflection gives out. */
export function publicDescriptors(): Uint8Array[] {
  return withImports(file_parley_gateway_v1_assistant).map((file) =>
    toBinary(FileDescriptorProtoSchema, file.proto),
  );
}

function withImports(file: DescFile): DescFile[] {
  return [file, ...file.dependencies.flatMap(withImports)];
}
