if(TARGET daicho_store_model AND TARGET PkgConfig::LIBPQ)
  daicho_fuzz(postgres_url SOURCES ${CMAKE_CURRENT_LIST_DIR}/../postgres_url_fuzz.cc DEPS daicho_store_model PkgConfig::LIBPQ)
endif()
