import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { credentials, loadPackageDefinition, Metadata } from '@grpc/grpc-js';
import type { ClientDuplexStream, ServiceClientConstructor } from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';

type Version = 'v1' | 'v1alpha';

interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] };
  readonly errorResponse?: { readonly errorMessage: string };
}

/** Asks a server's reflection one question, without a key, as grpcurl does. */
export async function reflect(
  address: string,
  version: Version,
  question: object,
): Promise<ReflectionAnswer> {
  const folder = dirname(createRequire(import.meta.url).resolve('@grpc/reflection/package.json'));
  const proto = join(folder, `build/proto/grpc/reflection/${version}/reflection.proto`);
  const root = loadPackageDefinition(loadSync(proto)) as unknown as {
    grpc: { reflection: Record<Version, { ServerReflection: ServiceClientConstructor }> };
  };
  const client = new root.grpc.reflection[version].ServerReflection(address, credentials.createInsecure());
  const call = (
    client as unknown as { serverReflectionInfo(): ClientDuplexStream<object, ReflectionAnswer> }
  ).serverReflectionInfo();
  try {
    call.write(question);
    return await new Promise((resolve, reject) => {
      call.once('data', resolve);
      call.once('error', reject);
    });
  } finally {
    call.end();
    client.close();
  }
}

/** A client of a service made from nothing but what its server's reflection tells. */
export async function reflectedClient(
  address: string,
  service: string,
): Promise<InstanceType<ServiceClientConstructor>> {
  const { fileDescriptorResponse } = await reflect(address, 'v1', { fileContainingSymbol: service });
  const files = (fileDescriptorResponse?.fileDescriptorProto ?? []).map((file) =>
    Buffer.concat([Buffer.from([0x0a]), varint(file.length), file]),
  );
  const definition = loadFileDescriptorSetFromBuffer(Buffer.concat(files), {
    keepCase: true,
    enums: String,
    longs: Number,
    defaults: true,
    oneofs: true,
  });
  const path = service.split('.');
  const found = path.reduce<unknown>(
    (at, name) => Reflect.get(at as object, name),
    loadPackageDefinition(definition),
  ) as ServiceClientConstructor;
  return new found(address, credentials.createInsecure());
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 0x7f) | 0x80);
  }
}

/** Metadata of a call. */
export function metadataOf(entries: Readonly<Record<string, string>>): Metadata {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(entries)) metadata.set(key, value);
  return metadata;
}
