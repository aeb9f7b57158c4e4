// Generated from registry-schema by `npm run generate`. Do not edit.
/* biome-ignore-all lint: generated */
/** The OpenAPI document of the gateway, as it serves it. */
export const gatewayOpenApi = {
  "openapi": "3.1.0",
  "info": {
    "title": "Slipway gateway",
    "version": "0.1.0",
    "description": "The Open Inference Protocol v2, with Triton's extensions. Failures are `{\"error\": text, \"code\": CODE}`. Bodies may be compressed with gzip or deflate. What somebody may know nothing of is answered as if it were not there.",
    "license": {
      "name": "Apache-2.0",
      "identifier": "Apache-2.0"
    }
  },
  "tags": [
    {
      "name": "server",
      "description": "The server as a whole."
    },
    {
      "name": "models",
      "description": "What is served, and how."
    },
    {
      "name": "inference",
      "description": "Running models."
    },
    {
      "name": "repository",
      "description": "What Git says shall be served."
    },
    {
      "name": "settings",
      "description": "What Triton's clients ask of a server beside its models."
    }
  ],
  "paths": {
    "/v2": {
      "get": {
        "operationId": "serverMetadata",
        "summary": "Name, version and extensions of the server",
        "tags": [
          "server"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          },
          {}
        ],
        "responses": {
          "200": {
            "description": "The server",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ServerMetadata"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/health/live": {
      "get": {
        "operationId": "serverLive",
        "summary": "Whether the process is up",
        "tags": [
          "server"
        ],
        "security": [],
        "responses": {
          "200": {
            "description": "It is",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Liveness"
                }
              }
            }
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/health/ready": {
      "get": {
        "operationId": "serverReady",
        "summary": "Whether every deployment that the server was told to serve is ready",
        "tags": [
          "server"
        ],
        "security": [],
        "responses": {
          "200": {
            "description": "It is",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Readiness"
                }
              }
            }
          },
          "503": {
            "description": "It is not",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Readiness"
                }
              }
            }
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/openapi.json": {
      "get": {
        "operationId": "openApi",
        "summary": "This document",
        "tags": [
          "server"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          },
          {}
        ],
        "responses": {
          "200": {
            "description": "This document",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": [
                    "openapi",
                    "paths"
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models": {
      "get": {
        "operationId": "models",
        "summary": "Names of the models that are served",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          },
          {}
        ],
        "responses": {
          "200": {
            "description": "Their names",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelNames"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/stats": {
      "get": {
        "operationId": "allStatistics",
        "summary": "Statistics of every model",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          },
          {}
        ],
        "responses": {
          "200": {
            "description": "The statistics",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Statistics"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelMetadata",
        "summary": "Inputs, outputs and versions of a model",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The model",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelMetadata"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "get": {
        "operationId": "modelMetadataByVersion",
        "summary": "Inputs, outputs and versions of a model",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The model",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelMetadata"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/ready": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelReady",
        "summary": "Whether a model can answer now",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "It can",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelReadiness"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "503": {
            "description": "It cannot",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelReadiness"
                }
              }
            }
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/ready": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "get": {
        "operationId": "modelReadyByVersion",
        "summary": "Whether a model can answer now",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "It can",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelReadiness"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "503": {
            "description": "It cannot",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelReadiness"
                }
              }
            }
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/config": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelConfig",
        "summary": "How a model is served, in Triton's words",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The configuration",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelConfig"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/config": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "get": {
        "operationId": "modelConfigByVersion",
        "summary": "How a model is served, in Triton's words",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The configuration",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelConfig"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/stats": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelStatistics",
        "summary": "Counts and durations since the server started",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The statistics",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Statistics"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/stats": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "get": {
        "operationId": "modelStatisticsByVersion",
        "summary": "Counts and durations since the server started",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The statistics",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Statistics"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/stages": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelStages",
        "summary": "Where the time of the model's requests goes, with the slowest stage and what to do about it",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The stages of every version",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/ModelStages"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/openapi.json": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelOpenApi",
        "summary": "The inference interface of one model, with its inputs and outputs",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "An OpenAPI document",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": [
                    "openapi",
                    "paths"
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/openapi.json": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "get": {
        "operationId": "modelOpenApiByVersion",
        "summary": "The inference interface of one model, with its inputs and outputs",
        "tags": [
          "models"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "An OpenAPI document",
            "content": {
              "application/json": {
                "schema": {
                  "type": "object",
                  "required": [
                    "openapi",
                    "paths"
                  ]
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/infer": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "infer",
        "summary": "Run a model",
        "description": "With the header Inference-Header-Content-Length the body is that many bytes of JSON, then the bytes of the tensors that have `binary_data_size` instead of `data`. Outputs come in the same form where `binary_data` asks for it.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/InferenceRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The outputs",
            "headers": {
              "slipway-served-by": {
                "$ref": "#/components/headers/ServedBy"
              },
              "slipway-role": {
                "$ref": "#/components/headers/Role"
              },
              "slipway-fallback": {
                "$ref": "#/components/headers/Fallback"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/InferenceResponse"
                }
              },
              "application/octet-stream": {
                "schema": {
                  "type": "string",
                  "format": "binary"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/infer": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "post": {
        "operationId": "inferByVersion",
        "summary": "Run a model",
        "description": "With the header Inference-Header-Content-Length the body is that many bytes of JSON, then the bytes of the tensors that have `binary_data_size` instead of `data`. Outputs come in the same form where `binary_data` asks for it.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/InferenceRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The outputs",
            "headers": {
              "slipway-served-by": {
                "$ref": "#/components/headers/ServedBy"
              },
              "slipway-role": {
                "$ref": "#/components/headers/Role"
              },
              "slipway-fallback": {
                "$ref": "#/components/headers/Fallback"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/InferenceResponse"
                }
              },
              "application/octet-stream": {
                "schema": {
                  "type": "string",
                  "format": "binary"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/infer_stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "inferStream",
        "summary": "Run a model, and take the answer as server-sent events",
        "description": "One event holds the answer of `infer`, always as JSON.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/InferenceRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "One event",
            "content": {
              "text/event-stream": {
                "schema": {
                  "$ref": "#/components/schemas/InferenceEvent"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/infer_stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "post": {
        "operationId": "inferStreamByVersion",
        "summary": "Run a model, and take the answer as server-sent events",
        "description": "One event holds the answer of `infer`, always as JSON.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/InferenceRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "One event",
            "content": {
              "text/event-stream": {
                "schema": {
                  "$ref": "#/components/schemas/InferenceEvent"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/generate": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "generate",
        "summary": "Run a model with plain JSON",
        "description": "A key for each input, with its elements flat or nested; they fill the input's shape. What is no input is a parameter. The answer has a key for each output: one element alone, or several in a row.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/GenerateRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The outputs",
            "headers": {
              "slipway-served-by": {
                "$ref": "#/components/headers/ServedBy"
              },
              "slipway-role": {
                "$ref": "#/components/headers/Role"
              },
              "slipway-fallback": {
                "$ref": "#/components/headers/Fallback"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/GenerateResponse"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/generate": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "post": {
        "operationId": "generateByVersion",
        "summary": "Run a model with plain JSON",
        "description": "A key for each input, with its elements flat or nested; they fill the input's shape. What is no input is a parameter. The answer has a key for each output: one element alone, or several in a row.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/GenerateRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The outputs",
            "headers": {
              "slipway-served-by": {
                "$ref": "#/components/headers/ServedBy"
              },
              "slipway-role": {
                "$ref": "#/components/headers/Role"
              },
              "slipway-fallback": {
                "$ref": "#/components/headers/Fallback"
              }
            },
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/GenerateResponse"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/generate_stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "generateStream",
        "summary": "Run a model with plain JSON, and take the answer as server-sent events",
        "description": "One event holds the answer of `generate`.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/GenerateRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "One event",
            "content": {
              "text/event-stream": {
                "schema": {
                  "$ref": "#/components/schemas/GenerateEvent"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/versions/{version}/generate_stream": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        },
        {
          "$ref": "#/components/parameters/version"
        }
      ],
      "post": {
        "operationId": "generateStreamByVersion",
        "summary": "Run a model with plain JSON, and take the answer as server-sent events",
        "description": "One event holds the answer of `generate`.",
        "tags": [
          "inference"
        ],
        "requestBody": {
          "required": true,
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/GenerateRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "One event",
            "content": {
              "text/event-stream": {
                "schema": {
                  "$ref": "#/components/schemas/GenerateEvent"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "429": {
            "$ref": "#/components/responses/Overloaded"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/repository/index": {
      "post": {
        "operationId": "repositoryIndex",
        "summary": "Every version that the server was told to serve, with its state",
        "tags": [
          "repository"
        ],
        "requestBody": {
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/RepositoryIndexRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          },
          {}
        ],
        "responses": {
          "200": {
            "description": "The index",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/RepositoryIndex"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/repository/models/{model}/load": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "repositoryLoad",
        "summary": "Succeeds for a model that is ready; what is loaded is decided in Git",
        "tags": [
          "repository"
        ],
        "requestBody": {
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/RepositoryLoadRequest"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "It is ready",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Nothing"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Failure"
          },
          "503": {
            "$ref": "#/components/responses/Failure"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/repository/models/{model}/unload": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "post": {
        "operationId": "repositoryUnload",
        "summary": "Refused; what is loaded is decided in Git",
        "tags": [
          "repository"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "404": {
            "$ref": "#/components/responses/NotFound"
          },
          "409": {
            "$ref": "#/components/responses/Failure"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/logging": {
      "get": {
        "operationId": "logSettings",
        "summary": "What is logged",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/LogSettings"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      },
      "post": {
        "operationId": "changeLogSettings",
        "summary": "Refused where it would change a setting",
        "tags": [
          "settings"
        ],
        "requestBody": {
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/Nothing"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/LogSettings"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/trace/setting": {
      "get": {
        "operationId": "traceSettings",
        "summary": "What is traced, which is nothing",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TraceSettings"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      },
      "post": {
        "operationId": "changeTraceSettings",
        "summary": "Refused where it would change a setting",
        "tags": [
          "settings"
        ],
        "requestBody": {
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/Nothing"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TraceSettings"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/models/{model}/trace/setting": {
      "parameters": [
        {
          "$ref": "#/components/parameters/model"
        }
      ],
      "get": {
        "operationId": "modelTraceSettings",
        "summary": "What is traced of a model, which is nothing",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TraceSettings"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      },
      "post": {
        "operationId": "changeModelTraceSettings",
        "summary": "Refused where it would change a setting",
        "tags": [
          "settings"
        ],
        "requestBody": {
          "content": {
            "application/json": {
              "schema": {
                "$ref": "#/components/schemas/Nothing"
              }
            }
          }
        },
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "The settings",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/TraceSettings"
                }
              }
            }
          },
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/systemsharedmemory/status": {
      "get": {
        "operationId": "sharedMemoryStatusSystem",
        "summary": "Regions of shared memory, of which there are none",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "No regions",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/NoRegions"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/cudasharedmemory/status": {
      "get": {
        "operationId": "sharedMemoryStatusCuda",
        "summary": "Regions of shared memory, of which there are none",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "No regions",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/NoRegions"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/systemsharedmemory/unregister": {
      "post": {
        "operationId": "unregisterSharedMemorySystem",
        "summary": "Nothing is registered, and so it succeeds",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Nothing"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/cudasharedmemory/unregister": {
      "post": {
        "operationId": "unregisterSharedMemoryCuda",
        "summary": "Nothing is registered, and so it succeeds",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Nothing"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/systemsharedmemory/region/{region}/status": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "get": {
        "operationId": "sharedMemoryRegionStatusSystem",
        "summary": "A region of shared memory, of which there are none",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "No regions",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/NoRegions"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/cudasharedmemory/region/{region}/status": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "get": {
        "operationId": "sharedMemoryRegionStatusCuda",
        "summary": "A region of shared memory, of which there are none",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "No regions",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/NoRegions"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/systemsharedmemory/region/{region}/unregister": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "post": {
        "operationId": "unregisterSharedMemoryRegionSystem",
        "summary": "Nothing is registered, and so it succeeds",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Nothing"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/cudasharedmemory/region/{region}/unregister": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "post": {
        "operationId": "unregisterSharedMemoryRegionCuda",
        "summary": "Nothing is registered, and so it succeeds",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "200": {
            "description": "Done",
            "content": {
              "application/json": {
                "schema": {
                  "$ref": "#/components/schemas/Nothing"
                }
              }
            }
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/systemsharedmemory/region/{region}/register": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "post": {
        "operationId": "registerSharedMemoryRegionSystem",
        "summary": "Refused; there is no shared memory",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    },
    "/v2/cudasharedmemory/region/{region}/register": {
      "parameters": [
        {
          "$ref": "#/components/parameters/region"
        }
      ],
      "post": {
        "operationId": "registerSharedMemoryRegionCuda",
        "summary": "Refused; there is no shared memory",
        "tags": [
          "settings"
        ],
        "security": [
          {
            "bearer": []
          },
          {
            "certificate": []
          }
        ],
        "responses": {
          "400": {
            "$ref": "#/components/responses/Failure"
          },
          "401": {
            "$ref": "#/components/responses/Unauthenticated"
          },
          "403": {
            "$ref": "#/components/responses/Denied"
          },
          "default": {
            "$ref": "#/components/responses/Failure"
          }
        }
      }
    }
  },
  "components": {
    "securitySchemes": {
      "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, or a token of an identity provider that the server trusts."
      },
      "certificate": {
        "type": "mutualTLS",
        "description": "The certificate of the connection, where the server asks for one."
      }
    },
    "parameters": {
      "model": {
        "name": "model",
        "in": "path",
        "required": true,
        "description": "A deployment; of another namespace than `default`, `<namespace>:<name>`.",
        "schema": {
          "type": "string",
          "minLength": 1
        }
      },
      "version": {
        "name": "version",
        "in": "path",
        "required": true,
        "description": "A version that the deployment serves; without one the route decides.",
        "schema": {
          "type": "string",
          "minLength": 1
        }
      },
      "region": {
        "name": "region",
        "in": "path",
        "required": true,
        "schema": {
          "type": "string",
          "minLength": 1
        }
      }
    },
    "headers": {
      "ServedBy": {
        "description": "The version that answered.",
        "schema": {
          "type": "string"
        }
      },
      "Role": {
        "description": "The part that the version has in its deployment where it is not stable.",
        "schema": {
          "enum": [
            "candidate",
            "pinned"
          ]
        }
      },
      "Fallback": {
        "description": "Present when the stable version stepped in for a candidate that failed.",
        "schema": {
          "const": "true"
        }
      },
      "Authenticate": {
        "description": "What is asked for.",
        "required": true,
        "schema": {
          "const": "Bearer realm=\"slipway\""
        }
      },
      "RetryAfter": {
        "description": "Seconds after which the request may be repeated.",
        "required": true,
        "schema": {
          "type": "integer",
          "minimum": 0
        }
      }
    },
    "responses": {
      "Failure": {
        "description": "What went wrong",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Failure"
            }
          }
        }
      },
      "Unauthenticated": {
        "description": "The request has no credential and needs one, or one that is not valid",
        "headers": {
          "www-authenticate": {
            "$ref": "#/components/headers/Authenticate"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Failure"
            }
          }
        }
      },
      "Denied": {
        "description": "No policy allows it, or one denies it",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Failure"
            }
          }
        }
      },
      "NotFound": {
        "description": "There is no such thing, or the caller may know nothing of it",
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Failure"
            }
          }
        }
      },
      "Overloaded": {
        "description": "The server has its full number of requests, or the caller has used up a limit",
        "headers": {
          "retry-after": {
            "$ref": "#/components/headers/RetryAfter"
          }
        },
        "content": {
          "application/json": {
            "schema": {
              "$ref": "#/components/schemas/Failure"
            }
          }
        }
      }
    },
    "schemas": {
      "Failure": {
        "type": "object",
        "required": [
          "error",
          "code"
        ],
        "properties": {
          "error": {
            "type": "string",
            "description": "What failed, what was wanted, and what to do."
          },
          "code": {
            "type": "string",
            "description": "See docs/reference/errors.md."
          },
          "field": {
            "type": "string",
            "description": "Path of the field that is wrong."
          }
        }
      },
      "Nothing": {
        "type": "object",
        "maxProperties": 0
      },
      "NoRegions": {
        "type": "array",
        "maxItems": 0
      },
      "ServerMetadata": {
        "type": "object",
        "required": [
          "name",
          "version",
          "extensions"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "version": {
            "type": "string"
          },
          "extensions": {
            "type": "array",
            "items": {
              "type": "string"
            }
          }
        }
      },
      "Liveness": {
        "type": "object",
        "required": [
          "live"
        ],
        "properties": {
          "live": {
            "type": "boolean"
          }
        }
      },
      "Readiness": {
        "type": "object",
        "required": [
          "ready"
        ],
        "properties": {
          "ready": {
            "type": "boolean"
          }
        }
      },
      "ModelReadiness": {
        "type": "object",
        "required": [
          "name",
          "ready"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "ready": {
            "type": "boolean"
          }
        }
      },
      "ModelNames": {
        "type": "object",
        "required": [
          "models"
        ],
        "properties": {
          "models": {
            "type": "array",
            "items": {
              "type": "string"
            }
          }
        }
      },
      "Datatype": {
        "enum": [
          "BOOL",
          "UINT8",
          "UINT16",
          "UINT32",
          "UINT64",
          "INT8",
          "INT16",
          "INT32",
          "INT64",
          "FP16",
          "BF16",
          "FP32",
          "FP64",
          "BYTES"
        ]
      },
      "TensorMetadata": {
        "type": "object",
        "required": [
          "name",
          "datatype",
          "shape"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "datatype": {
            "$ref": "#/components/schemas/Datatype"
          },
          "shape": {
            "type": "array",
            "description": "-1 stands for an axis whose size the request chooses.",
            "items": {
              "type": "integer",
              "minimum": -1
            }
          }
        }
      },
      "ModelMetadata": {
        "type": "object",
        "required": [
          "name",
          "versions",
          "platform",
          "inputs",
          "outputs"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "versions": {
            "type": "array",
            "items": {
              "type": "string"
            }
          },
          "platform": {
            "type": "string"
          },
          "inputs": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/TensorMetadata"
            }
          },
          "outputs": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/TensorMetadata"
            }
          }
        }
      },
      "Parameters": {
        "type": [
          "object",
          "null"
        ],
        "description": "Hints and settings by name.",
        "properties": {
          "timeout": {
            "type": [
              "integer",
              "string"
            ],
            "minimum": 0,
            "maximum": 3600000000,
            "pattern": "^[0-9]{1,9}$",
            "description": "Microseconds that the answer is of use, or their digits; 0 leaves it to the deployment."
          },
          "priority": {
            "type": [
              "integer",
              "string"
            ],
            "minimum": 0,
            "maximum": 4294967295,
            "pattern": "^[0-9]{1,9}$",
            "description": "1 is served first; 0 leaves it to the deployment."
          },
          "sequence_id": {
            "description": "The sequence of requests that this one belongs to, by text or by 64 bits; 0 and the empty text are none.",
            "anyOf": [
              {
                "type": "string",
                "maxLength": 256
              },
              {
                "type": "integer",
                "minimum": 0
              }
            ]
          },
          "sequence_start": {
            "$ref": "#/components/schemas/Flag"
          },
          "sequence_end": {
            "$ref": "#/components/schemas/Flag"
          }
        },
        "allOf": [
          {
            "if": {
              "type": "object",
              "required": [
                "sequence_start"
              ],
              "properties": {
                "sequence_start": {
                  "enum": [
                    true,
                    1,
                    "1",
                    "true",
                    "True"
                  ]
                }
              }
            },
            "then": {
              "required": [
                "sequence_id"
              ],
              "properties": {
                "sequence_id": {
                  "not": {
                    "enum": [
                      0,
                      "",
                      "0"
                    ]
                  }
                }
              }
            }
          },
          {
            "if": {
              "type": "object",
              "required": [
                "sequence_end"
              ],
              "properties": {
                "sequence_end": {
                  "enum": [
                    true,
                    1,
                    "1",
                    "true",
                    "True"
                  ]
                }
              }
            },
            "then": {
              "required": [
                "sequence_id"
              ],
              "properties": {
                "sequence_id": {
                  "not": {
                    "enum": [
                      0,
                      "",
                      "0"
                    ]
                  }
                }
              }
            }
          }
        ]
      },
      "Flag": {
        "description": "Of a sequence, which it needs where it is true. Clients that have no boolean may use the other forms.",
        "enum": [
          true,
          false,
          1,
          0,
          "1",
          "0",
          "true",
          "false",
          "True",
          "False"
        ]
      },
      "InferenceParameters": {
        "allOf": [
          {
            "$ref": "#/components/schemas/Parameters"
          },
          {
            "properties": {
              "binary_data_output": {
                "type": "boolean",
                "description": "Whether outputs that do not say otherwise come as binary data."
              }
            }
          }
        ]
      },
      "Shape": {
        "type": "array",
        "items": {
          "type": "integer",
          "minimum": 0,
          "maximum": 9007199254740991
        }
      },
      "InferenceRequest": {
        "type": "object",
        "required": [
          "inputs"
        ],
        "properties": {
          "id": {
            "type": "string",
            "description": "Comes back with the answer."
          },
          "parameters": {
            "$ref": "#/components/schemas/InferenceParameters"
          },
          "inputs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "items": {
              "$ref": "#/components/schemas/InputTensor"
            }
          },
          "outputs": {
            "type": "array",
            "description": "The outputs wanted; none means all.",
            "maxItems": 1000,
            "items": {
              "$ref": "#/components/schemas/RequestedOutput"
            }
          }
        }
      },
      "InputTensor": {
        "type": "object",
        "required": [
          "name",
          "datatype",
          "shape"
        ],
        "properties": {
          "name": {
            "type": "string",
            "minLength": 1
          },
          "datatype": {
            "$ref": "#/components/schemas/Datatype"
          },
          "shape": {
            "$ref": "#/components/schemas/Shape"
          },
          "parameters": {
            "type": [
              "object",
              "null"
            ],
            "properties": {
              "binary_data_size": {
                "type": "integer",
                "minimum": 0,
                "description": "Bytes of the tensor behind the JSON."
              }
            }
          },
          "data": {
            "$ref": "#/components/schemas/TensorData"
          }
        }
      },
      "TensorData": {
        "type": "array",
        "description": "Elements in row-major order, flat or nested.",
        "items": {}
      },
      "RequestedOutput": {
        "type": "object",
        "required": [
          "name"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "parameters": {
            "type": [
              "object",
              "null"
            ],
            "properties": {
              "binary_data": {
                "type": "boolean"
              }
            }
          }
        }
      },
      "InferenceResponse": {
        "type": "object",
        "required": [
          "model_name",
          "model_version",
          "outputs"
        ],
        "properties": {
          "id": {
            "type": "string"
          },
          "model_name": {
            "type": "string"
          },
          "model_version": {
            "type": "string"
          },
          "outputs": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/OutputTensor"
            }
          }
        }
      },
      "InferenceEvent": {
        "type": "object",
        "description": "A server-sent event.",
        "required": [
          "data"
        ],
        "properties": {
          "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
              "$ref": "#/components/schemas/InferenceResponse"
            }
          }
        }
      },
      "OutputTensor": {
        "type": "object",
        "required": [
          "name",
          "datatype",
          "shape"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "datatype": {
            "$ref": "#/components/schemas/Datatype"
          },
          "shape": {
            "$ref": "#/components/schemas/Shape"
          },
          "parameters": {
            "type": "object",
            "properties": {
              "binary_data_size": {
                "type": "integer",
                "minimum": 0
              }
            }
          },
          "data": {
            "$ref": "#/components/schemas/OutputData"
          }
        }
      },
      "OutputData": {
        "type": "array",
        "description": "Elements in row-major order, flat. Floats that JSON has no form for are null.",
        "items": {
          "type": [
            "boolean",
            "number",
            "string",
            "null"
          ]
        }
      },
      "GenerateRequest": {
        "type": "object",
        "properties": {
          "id": {
            "type": "string"
          },
          "parameters": {
            "$ref": "#/components/schemas/Parameters"
          }
        }
      },
      "GenerateResponse": {
        "type": "object",
        "required": [
          "model_name",
          "model_version"
        ],
        "properties": {
          "id": {
            "type": "string"
          },
          "model_name": {
            "type": "string"
          },
          "model_version": {
            "type": "string"
          }
        }
      },
      "GenerateEvent": {
        "type": "object",
        "description": "A server-sent event.",
        "required": [
          "data"
        ],
        "properties": {
          "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {
              "$ref": "#/components/schemas/GenerateResponse"
            }
          }
        }
      },
      "ModelConfig": {
        "type": "object",
        "required": [
          "name",
          "platform",
          "backend",
          "max_batch_size",
          "input",
          "output",
          "version_policy",
          "instance_group"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "platform": {
            "type": "string"
          },
          "backend": {
            "type": "string"
          },
          "max_batch_size": {
            "type": "integer",
            "minimum": 0
          },
          "input": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/ConfigTensor"
            }
          },
          "output": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/ConfigTensor"
            }
          },
          "version_policy": {
            "type": "object"
          },
          "dynamic_batching": {
            "type": "object"
          },
          "instance_group": {
            "type": "array",
            "items": {
              "type": "object"
            }
          },
          "default_model_filename": {
            "type": "string"
          },
          "parameters": {
            "type": "object"
          },
          "model_transaction_policy": {
            "type": "object"
          }
        }
      },
      "ConfigTensor": {
        "type": "object",
        "required": [
          "name",
          "data_type",
          "dims"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "data_type": {
            "type": "string"
          },
          "dims": {
            "type": "array",
            "items": {
              "type": "integer",
              "minimum": -1
            }
          }
        }
      },
      "Statistics": {
        "type": "object",
        "required": [
          "model_stats"
        ],
        "properties": {
          "model_stats": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/VersionStatistics"
            }
          }
        }
      },
      "ModelStages": {
        "type": "object",
        "required": [
          "name",
          "versions"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "versions": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/VersionStages"
            }
          }
        }
      },
      "VersionStages": {
        "type": "object",
        "required": [
          "version",
          "role",
          "requests",
          "averageMs",
          "stages",
          "advice"
        ],
        "properties": {
          "version": {
            "type": "integer"
          },
          "role": {
            "type": "string"
          },
          "requests": {
            "type": "integer",
            "minimum": 0
          },
          "averageMs": {
            "type": "number",
            "minimum": 0
          },
          "stages": {
            "type": "array",
            "items": {
              "type": "object",
              "required": [
                "stage",
                "averageMs",
                "sharePercent"
              ],
              "properties": {
                "stage": {
                  "type": "string"
                },
                "averageMs": {
                  "type": "number",
                  "minimum": 0
                },
                "sharePercent": {
                  "type": "number",
                  "minimum": 0
                }
              }
            }
          },
          "slowest": {
            "type": "string",
            "description": "Absent before the first request."
          },
          "advice": {
            "type": "string",
            "description": "What to do about the slowest stage."
          }
        }
      },
      "VersionStatistics": {
        "type": "object",
        "required": [
          "name",
          "version",
          "last_inference",
          "inference_count",
          "execution_count",
          "inference_stats",
          "batch_stats"
        ],
        "properties": {
          "name": {
            "type": "string"
          },
          "version": {
            "type": "string"
          },
          "last_inference": {
            "type": "integer",
            "minimum": 0,
            "description": "Milliseconds since 1970; 0 before the first."
          },
          "inference_count": {
            "type": "integer",
            "minimum": 0
          },
          "execution_count": {
            "type": "integer",
            "minimum": 0
          },
          "inference_stats": {
            "type": "object",
            "required": [
              "success",
              "fail",
              "queue",
              "compute_input",
              "compute_infer",
              "compute_output",
              "cache_hit",
              "cache_miss"
            ],
            "properties": {
              "success": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "fail": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "queue": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "compute_input": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "compute_infer": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "compute_output": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "cache_hit": {
                "$ref": "#/components/schemas/DurationStatistic"
              },
              "cache_miss": {
                "$ref": "#/components/schemas/DurationStatistic"
              }
            }
          },
          "response_stats": {
            "type": "object"
          },
          "batch_stats": {
            "type": "array",
            "items": {
              "$ref": "#/components/schemas/BatchStatistics"
            }
          },
          "memory_usage": {
            "type": "array",
            "items": {
              "type": "object"
            }
          }
        }
      },
      "BatchStatistics": {
        "type": "object",
        "required": [
          "batch_size",
          "compute_input",
          "compute_infer",
          "compute_output"
        ],
        "properties": {
          "batch_size": {
            "type": "integer",
            "minimum": 1
          },
          "compute_input": {
            "$ref": "#/components/schemas/DurationStatistic"
          },
          "compute_infer": {
            "$ref": "#/components/schemas/DurationStatistic"
          },
          "compute_output": {
            "$ref": "#/components/schemas/DurationStatistic"
          }
        }
      },
      "DurationStatistic": {
        "type": "object",
        "required": [
          "count",
          "ns"
        ],
        "properties": {
          "count": {
            "type": "integer",
            "minimum": 0
          },
          "ns": {
            "type": "integer",
            "minimum": 0
          }
        }
      },
      "RepositoryIndexRequest": {
        "type": "object",
        "properties": {
          "ready": {
            "type": "boolean",
            "description": "Only versions that can answer now."
          }
        }
      },
      "RepositoryIndex": {
        "type": "array",
        "items": {
          "type": "object",
          "required": [
            "name",
            "version",
            "state",
            "reason"
          ],
          "properties": {
            "name": {
              "type": "string"
            },
            "version": {
              "type": "string"
            },
            "state": {
              "enum": [
                "READY",
                "LOADING",
                "UNLOADING",
                "UNAVAILABLE"
              ]
            },
            "reason": {
              "type": "string",
              "description": "Why it is not ready; empty otherwise."
            }
          }
        }
      },
      "RepositoryLoadRequest": {
        "type": "object",
        "properties": {
          "parameters": {
            "type": [
              "object",
              "null"
            ],
            "description": "Refused where it has any."
          }
        }
      },
      "LogSettings": {
        "type": "object",
        "required": [
          "log_file",
          "log_info",
          "log_warning",
          "log_error",
          "log_verbose_level",
          "log_format"
        ],
        "properties": {
          "log_file": {
            "type": "string"
          },
          "log_info": {
            "type": "boolean"
          },
          "log_warning": {
            "type": "boolean"
          },
          "log_error": {
            "type": "boolean"
          },
          "log_verbose_level": {
            "type": "integer",
            "minimum": 0
          },
          "log_format": {
            "type": "string"
          }
        }
      },
      "TraceSettings": {
        "type": "object",
        "required": [
          "trace_level"
        ],
        "properties": {
          "trace_level": {
            "type": "array",
            "items": {
              "type": "string"
            }
          }
        }
      }
    }
  }
};
