import { DATATYPE_SIZE_BYTES, type Datatype, type ModelSignature, type TensorSpec } from '#domain/inference';
import { gatewayOpenApi } from '#generated/gateway-openapi';
import type { ModelDescription } from './model-directory.ts';
import type { OpenApiDocument } from './served-openapi.ts';

/** A JSON Schema, or a part of one. */
type Schema = Readonly<Record<string, unknown>>;

/** What of the gateway's interface is about one model. */
const MODEL_PATHS = ['', '/ready', '/infer', '/infer_stream', '/generate', '/generate_stream'] as const;
/** An example of more elements would hide the rest. */
const MAX_EXAMPLE_ELEMENTS = 1000;

/**
 * The OpenAPI document of one model: the gateway's own, of which the schemas say what this model takes and gives.
 *
 * @param modelVersion that the paths name; empty or absent leaves the choice to the route.
 */
export function modelOpenApi(
  gateway: OpenApiDocument,
  { name, signature }: ModelDescription,
  modelVersion?: string,
): object {
  const isByVersion = modelVersion !== undefined && modelVersion !== '';
  const source = isByVersion ? '/v2/models/{model}/versions/{version}' : '/v2/models/{model}';
  const own = `/v2/models/${encodeURIComponent(name)}${isByVersion ? `/versions/${encodeURIComponent(modelVersion)}` : ''}`;
  const { paths, components, info, ...document } = gateway;
  return {
    ...document,
    info: { ...info, title: name, description: `The model ${name}. ${info.description}` },
    paths: Object.fromEntries(
      MODEL_PATHS.map((path) => [`${own}${path}`, { ...paths[`${source}${path}`], parameters: [] }]),
    ),
    components: { ...components, schemas: { ...components.schemas, ...modelSchemas(signature) } },
  };
}

function modelSchemas({ inputs, outputs }: ModelSignature): Readonly<Record<string, Schema>> {
  const { InferenceRequest, InferenceResponse, GenerateRequest, GenerateResponse } = gatewayOpenApi.components.schemas;
  return {
    InferenceRequest: {
      ...InferenceRequest,
      properties: {
        ...InferenceRequest.properties,
        inputs: eachOnce(inputs, inputSchema),
        outputs: { type: 'array', items: { type: 'object', required: ['name'], properties: { name: oneOf(outputs) } } },
      },
      ...examplesOf(inputs, (data) => ({
        inputs: inputs.map((spec, at) => ({ ...spec, shape: exampleShape(spec), data: data[at] })),
      })),
    },
    InferenceResponse: {
      ...InferenceResponse,
      properties: {
        ...InferenceResponse.properties,
        outputs: { type: 'array', items: { anyOf: outputs.map(outputSchema) } },
      },
    },
    GenerateRequest: {
      ...GenerateRequest,
      required: inputs.map(({ name }) => name),
      properties: {
        ...GenerateRequest.properties,
        ...Object.fromEntries(inputs.map((spec) => [spec.name, generateSchema(spec)])),
      },
      // What is no input is a parameter.
      additionalProperties: { type: ['string', 'number', 'boolean'] },
      ...examplesOf(inputs, (data) => Object.fromEntries(inputs.map(({ name }, at) => [name, data[at]]))),
    },
    GenerateResponse: {
      ...GenerateResponse,
      required: [...GenerateResponse.required, ...outputs.map(({ name }) => name)],
      properties: {
        ...GenerateResponse.properties,
        ...Object.fromEntries(outputs.map(({ name, datatype }) => [name, answeredValues(datatype)])),
      },
    },
  };
}

/** Every tensor once, in any order. */
function eachOnce(specs: readonly TensorSpec[], schemaOf: (spec: TensorSpec) => Schema): Schema {
  const isNamed = ({ name }: TensorSpec) => ({
    type: 'object',
    properties: { name: { const: name } },
    required: ['name'],
  });
  const [only, ...others] = specs;
  const count = { type: 'array', minItems: specs.length, maxItems: specs.length };
  if (only !== undefined && others.length === 0) return { ...count, items: schemaOf(only) };
  return {
    ...count,
    items: { anyOf: specs.map(schemaOf) },
    allOf: specs.map((spec) => ({ contains: isNamed(spec) })),
  };
}

function oneOf(specs: readonly TensorSpec[]): Schema {
  return { enum: specs.map(({ name }) => name) };
}

function inputSchema(spec: TensorSpec): Schema {
  return {
    type: 'object',
    required: ['name', 'datatype', 'shape', 'data'],
    properties: { ...identity(spec), data: dataSchema(spec) },
  };
}

function outputSchema(spec: TensorSpec): Schema {
  const data = { type: 'array', items: answeredSchema(spec.datatype) };
  // Axes without their places: readers of answers know these less well than `const`.
  const { shape } = spec;
  const sizes = {
    type: 'array',
    items: { type: 'integer', minimum: 0 },
    minItems: shape.length,
    maxItems: shape.length,
  };
  return {
    type: 'object',
    required: ['name', 'datatype', 'shape'],
    properties: { ...identity(spec), ...(shape.includes(-1) ? { shape: sizes } : {}), data },
  };
}

function identity({ name, datatype, shape }: TensorSpec): Schema {
  return {
    name: { const: name },
    datatype: { const: datatype },
    shape: shape.includes(-1) ? openShape(shape) : { const: shape },
  };
}

function openShape(shape: readonly number[]): Schema {
  const prefixItems = shape.map((size) => (size === -1 ? { type: 'integer', minimum: 0 } : { const: size }));
  return { type: 'array', prefixItems, minItems: shape.length, maxItems: shape.length };
}

/** Flat or nested: exactly as the shape has it where it is fixed, and loosely where the request chooses. */
function dataSchema({ datatype, shape }: TensorSpec): Schema {
  const element = elementSchema(datatype);
  if (shape.includes(-1))
    return {
      anyOf: [
        { type: 'array', items: element },
        { type: 'array', items: { type: 'array' }, minItems: 1 },
      ],
    };
  const flat = arrayOf(element, elementsOf(shape));
  return shape.length === 1 ? flat : { anyOf: [flat, shape.reduceRight(arrayOf, element)] };
}

/** One element may stand alone. */
function generateSchema(spec: TensorSpec): Schema {
  const isOne = spec.shape.every((size) => size === 1 || size === -1);
  return isOne ? { anyOf: [elementSchema(spec.datatype), dataSchema(spec)] } : dataSchema(spec);
}

function answeredValues(datatype: Datatype): Schema {
  const element = answeredSchema(datatype);
  return { anyOf: [element, { type: 'array', items: element }] };
}

function arrayOf(items: Schema, count: number): Schema {
  return { type: 'array', items, minItems: count, maxItems: count };
}

function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Floats that JSON has no form for are null in answers. */
function answeredSchema(datatype: Datatype): Schema {
  const element = elementSchema(datatype);
  return element['type'] === 'number' ? { type: ['number', 'null'] } : element;
}

/** 64-bit integers go without bounds: JSON readers would round them. */
function elementSchema(datatype: Datatype): Schema {
  if (datatype === 'BOOL') return { type: 'boolean' };
  if (datatype === 'BYTES') return { type: 'string' };
  if (!datatype.includes('INT')) return { type: 'number' };
  const bits = 8 * DATATYPE_SIZE_BYTES[datatype];
  if (bits === 64) return { type: 'integer' };
  return datatype.startsWith('U')
    ? { type: 'integer', minimum: 0, maximum: 2 ** bits - 1 }
    : { type: 'integer', minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 };
}

/** Zeros, as many as the inputs take when their open axes are 1. */
function examplesOf(inputs: readonly TensorSpec[], example: (data: readonly unknown[][]) => object): Schema {
  const counts = inputs.map((spec) => elementsOf(exampleShape(spec)));
  if (counts.some((count) => count > MAX_EXAMPLE_ELEMENTS)) return {};
  return { examples: [example(inputs.map(({ datatype }, at) => Array(counts[at]).fill(zeroOf(datatype))))] };
}

function exampleShape({ shape }: TensorSpec): number[] {
  return shape.map((size) => (size === -1 ? 1 : size));
}

function zeroOf(datatype: Datatype): unknown {
  return datatype === 'BOOL' ? false : datatype === 'BYTES' ? '' : 0;
}
