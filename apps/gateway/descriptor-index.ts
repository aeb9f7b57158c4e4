import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type EnumDescriptorProto,
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';

/** Contracts by file and by symbol, as server reflection is asked for them. */
export class DescriptorIndex {
  readonly #files = new Map<string, FileDescriptorProto>();
  readonly #fileOfSymbol = new Map<string, string>();

  /** @param descriptorSet a serialised google.protobuf.FileDescriptorSet that holds all that its files import. */
  constructor(descriptorSet: Uint8Array) {
    for (const file of fromBinary(FileDescriptorSetSchema, descriptorSet).file) {
      this.#files.set(file.name, file);
      for (const symbol of symbolsOf(file)) this.#fileOfSymbol.set(symbol, file.name);
    }
  }

  /** The serialised descriptors of a file and of all that it imports, itself first; `undefined` for an unknown file. */
  file(name: string): Uint8Array[] | undefined {
    if (!this.#files.has(name)) return undefined;
    const wanted = new Set([name]);
    // A set can be added to while it is walked: imports of imports come last.
    for (const each of wanted) for (const imported of this.#files.get(each)?.dependency ?? []) wanted.add(imported);
    return [...wanted].flatMap((each) => {
      const file = this.#files.get(each);
      return file === undefined ? [] : [toBinary(FileDescriptorProtoSchema, file)];
    });
  }

  /** The same for the file that declares a symbol, by its full name. */
  fileContaining(symbol: string): Uint8Array[] | undefined {
    const name = this.#fileOfSymbol.get(symbol);
    return name === undefined ? undefined : this.file(name);
  }
}

function symbolsOf(file: FileDescriptorProto): string[] {
  const scope = file.package === '' ? '' : `${file.package}.`;
  return [
    ...file.messageType.flatMap((message) => messageSymbols(message, scope)),
    ...file.enumType.flatMap((declared) => enumSymbols(declared, scope)),
    ...file.service.flatMap(({ name, method }) => [
      `${scope}${name}`,
      ...method.map((each) => `${scope}${name}.${each.name}`),
    ]),
  ];
}

function messageSymbols(message: DescriptorProto, scope: string): string[] {
  const own = `${scope}${message.name}`;
  return [
    own,
    ...[...message.field, ...message.oneofDecl].map(({ name }) => `${own}.${name}`),
    ...message.nestedType.flatMap((nested) => messageSymbols(nested, `${own}.`)),
    ...message.enumType.flatMap((declared) => enumSymbols(declared, `${own}.`)),
  ];
}

/** Values stand beside their enum, not in it: so the language has it. */
function enumSymbols({ name, value }: EnumDescriptorProto, scope: string): string[] {
  return [name, ...value.map((each) => each.name)].map((each) => `${scope}${each}`);
}
