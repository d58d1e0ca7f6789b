// The reference of the API. No validator: it would tell another site about this one.
SwaggerUIBundle({ url: "/docs/openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null });
